"use strict";

const $ = (id) => document.getElementById(id);
const state = {
  revision: -1, bot: null, people: [], chats: [], commands: {}, clock: null, heardAt: 0,
  messages: new Map(), me: null, chat: null, read: new Map(), replyTo: null,
  items: [], active: -1, drafts: new Map(),
  // How far the way through the demo was walked, and whether its hints are wanted.
  turned: new Set(), hasReadDigest: false, isAlone: false,
  // The last message before the clock was turned; what came since is read from its beginning.
  before: null, hasBlanks: false,
};

/** An element with a class, text and children. Text is only ever set as text. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const nameOf = (id) => {
  if (state.bot && id === state.bot.id) return state.bot.first_name;
  const person = state.people.find((one) => one.id === id);
  return person ? [person.first_name, person.last_name].filter(Boolean).join(" ") : String(id);
};
const colourOf = (id) => {
  if (state.bot && id === state.bot.id) return "bot";
  return `a${Math.max(0, state.people.findIndex((one) => one.id === id)) % 3}`;
};
const isDirect = (chat) => !chat.title;
const titleOf = (chat) => chat.title || state.bot.first_name;
const chatNamed = (id) => state.chats.find((chat) => chat.id === id);
const messagesOf = (id) => [...state.messages.values()].filter((one) => one.chat === id)
  .sort((a, b) => a.id - b.id);
const roomsOf = (person) => state.chats
  .filter((chat) => !chat.gone && chat.members.includes(person));
const readKey = (person, chat) => `${person}/${chat}`;
const pingsOf = (person, chat) => messagesOf(chat).filter((one) => one.pings.includes(person)
  && one.id > (state.read.get(readKey(person, chat)) || 0)).length;
const directOf = (person) => roomsOf(person).find(isDirect);
const unreadOf = (person, chat) => messagesOf(chat).filter((one) => one.from !== person
  && !one.service && one.id > (state.read.get(readKey(person, chat)) || 0)).length;

function avatar(id, extra = "") {
  const element = make("span", `avatar ${colourOf(id)} ${extra}`);
  element.setAttribute("aria-hidden", "true");
  if (colourOf(id) === "bot") {
    const picture = make("img");
    picture.src = "/icon.svg";
    picture.alt = "";
    element.append(picture);
  } else {
    element.append([...nameOf(id)][0] || "?");
  }
  return element;
}

// Time

const zoned = (options) => new Intl.DateTimeFormat(locale,
  { timeZone: state.clock ? state.clock.zone : "UTC", ...options });
const hourOf = (seconds) => zoned({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
  .format(seconds * 1000);
const dayOf = (milliseconds) => zoned(
  { weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(milliseconds);

function tick() {
  if (!state.clock) return;
  const now = state.clock.milliseconds + (performance.now() - state.heardAt);
  $("time").textContent = hourOf(now / 1000);
  $("time").dateTime = new Date(now).toISOString();
  $("day").textContent = dayOf(now);
  $("zone").textContent = state.clock.zone.replace("Etc/", "").replaceAll("_", " ");
}

// Who and where

function showPeople() {
  const box = $("people");
  if (!box.childElementCount) {
    for (const person of state.people) {
      const input = make("input");
      input.type = "radio";
      input.name = "person";
      input.value = person.id;
      input.checked = person.id === state.me;
      input.addEventListener("change", () => become(person.id));
      const role = person === state.people[0] ? say.manager : say.member;
      box.append(make("label", "person", input, avatar(person.id),
        make("span", "label", make("b", "", nameOf(person.id)),
          make("small", "", `@${person.username} · ${role}`)), make("span", "count")));
    }
  }
  state.people.forEach((person, number) => {
    const waiting = person.id === state.me ? 0
      : roomsOf(person.id).reduce((sum, chat) => sum
        + (isDirect(chat) ? unreadOf : pingsOf)(person.id, chat.id), 0);
    setBadge(box.children[number].querySelector(".count"), waiting);
  });
}

function setBadge(place, count) {
  if (place.dataset.count === String(count)) return;
  place.dataset.count = count;
  place.replaceChildren();
  if (!count) return;
  const number = make("span", "badge", String(count));
  number.setAttribute("aria-hidden", "true");
  place.append(number, make("span", "unseen", say.unread(count)));
}

function showRooms() {
  const rooms = roomsOf(state.me);
  const list = $("rooms");
  const wanted = rooms.map((chat) => chat.id).join();
  if (list.dataset.rooms !== wanted) {
    list.dataset.rooms = wanted;
    list.replaceChildren(...rooms.map((chat) => {
      const icon = isDirect(chat) ? avatar(state.bot.id, "square")
        : make("span", "avatar square", "#");
      icon.setAttribute("aria-hidden", "true");
      const button = make("button", "", icon, make("span", "label",
        make("b", "", titleOf(chat)),
        make("small", "", isDirect(chat) ? "" : say.people(chat.members.length))),
      make("span", "count"));
      button.type = "button";
      button.dataset.chat = chat.id;
      button.addEventListener("click", () => enter(chat.id));
      return make("li", "", button);
    }));
  }
  for (const button of list.querySelectorAll("button")) {
    const chat = Number(button.dataset.chat);
    if (chat === state.chat) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    setBadge(button.querySelector(".count"), unreadOf(state.me, chat));
    const room = chatNamed(chat);
    if (isDirect(room)) {
      button.querySelector("small").textContent = room.started ? say.direct(nameOf(state.me))
        : say.closed;
    }
  }
  showPrivate();
  showHint();
}

function become(person) {
  keepDraft();
  const wasDirect = isDirect(chatNamed(state.chat));
  state.me = person;
  const rooms = roomsOf(person);
  const same = rooms.find((chat) => isDirect(chat) === wasDirect) || rooms[0];
  state.chat = null;
  enter(same.id);
}

function enter(chat) {
  if (state.chat === chat) return;
  if (state.chat !== null) keepDraft();
  state.chat = chat;
  state.before = null;
  stopReplying();
  const room = chatNamed(chat);
  if (isDirect(room) && state.me === state.people[0].id && state.turned.has("monday")) {
    state.hasReadDigest = true;
  }
  $("title").textContent = titleOf(room);
  $("subtitle").textContent = isDirect(room) ? say.only(nameOf(state.me))
    : [...room.members.map((id) => id === state.me ? `${nameOf(id)} (${say.you})` : nameOf(id)),
      state.bot.first_name].join(", ");
  $("input").value = state.drafts.get(readKey(state.me, chat)) || "";
  $("input").placeholder = say.writing(nameOf(state.me));
  $("input").setAttribute("aria-label",
    `${say.write(titleOf(room))} — ${say.writing(nameOf(state.me))}`);
  fit();
  suggest();
  showRooms();
  showPeople();
  showAll();
}

const keepDraft = () => state.drafts.set(readKey(state.me, state.chat), $("input").value);

// Messages

/** Puts the words of a message into `place`, cut where its entities begin and end. */
function fill(place, message) {
  const text = message.text;
  const entities = message.entities;
  const marks = new Set([0, text.length]);
  for (const one of entities) {
    marks.add(one.offset);
    marks.add(one.offset + one.length);
  }
  const ends = [...marks].filter((at) => at >= 0 && at <= text.length).sort((a, b) => a - b);
  for (let i = 0; i + 1 < ends.length; i += 1) {
    const [from, to] = [ends[i], ends[i + 1]];
    const around = entities.filter((one) => one.offset <= from && one.offset + one.length >= to);
    const follows = entities.some((one) => one.type === "pre" && one.offset + one.length === from);
    // A block ends its line by itself; the line break that follows it would leave an empty one.
    const words = text.slice(from, to);
    place.append(dress(follows ? words.replace(/^\n/, "") : words, around.map((one) => one.type),
      message.from === state.bot.id));
  }
}

const plainTags = { bold: "strong", italic: "em", underline: "u", strikethrough: "s",
  code: "code", pre: "pre" };
const plainClasses = { mention: "mention", text_mention: "mention", hashtag: "tag", url: "url" };

/**
 * A table's text: what is two columns wide gets the width of two, and a bar of a trend that of one,
 * whatever fonts this machine has.
 */
function columns(words) {
  const isWide = /[\p{Script=Han}\u3000-\u30ff\uac00-\ud7a3\uff01-\uff60\u{1f300}-\u{1faff}]/u;
  const isBar = /[\u2581-\u2588…]/u;
  const line = make("pre", "");
  for (const letter of words) {
    const kind = isWide.test(letter) ? "wide" : isBar.test(letter) ? "narrow" : "";
    line.append(kind ? make("span", kind, letter) : letter);
  }
  return line;
}

/** What the bot names can be used at once; what people have typed is only shown. */
function dress(words, types, isOfBot) {
  let node = document.createTextNode(words);
  for (const type of [...types].reverse()) {
    if (!isOfBot && type === "bot_command") {
      node = make("span", "command", node);
    } else if (type === "bot_command" || (type === "code" && words.startsWith("/"))) {
      const button = make("button", "use", node);
      button.type = "button";
      button.title = say.use(words);
      button.addEventListener("click", () => put(words.split("@")[0].length < words.length
        && type === "bot_command" ? words.split("@")[0] : words));
      node = button;
    } else if (type === "pre" && types.length === 1) {
      node = columns(words);
    } else if (plainTags[type]) {
      node = make(plainTags[type], "", node);
    } else if (plainClasses[type]) {
      node = make("span", plainClasses[type], node);
    }
  }
  return node;
}

function row(message, before) {
  if (message.service) {
    const words = message.service.joined
      ? say.added(nameOf(message.from), message.service.joined.map(nameOf).join(", ")) : say.moved;
    return make("div", "line", words);
  }
  const isOwn = message.from === state.me;
  const isFirst = !before || before.from !== message.from || before.service
    || message.date - before.date > 600;
  const bubble = make("div", "bubble", make("span", `name ${colourOf(message.from)}`,
    nameOf(message.from)));
  const quoted = message.replyTo && state.messages.get(`${message.chat}/${message.replyTo}`);
  if (quoted) bubble.append(quote(quoted));
  const text = make("div", "text");
  fill(text, message);
  const meta = make("span", "meta", message.edited ? `${say.edited} ` : "", hourOf(message.date));
  text.append(meta);
  bubble.append(text);
  if (message.reaction) {
    const reaction = make("span", "reaction", message.reaction);
    reaction.setAttribute("role", "img");
    reaction.setAttribute("aria-label", say.reacted(message.reaction));
    bubble.append(reaction);
  }
  const act = make("button", "act", "↩");
  act.type = "button";
  act.setAttribute("aria-label", say.reply(nameOf(message.from)));
  act.addEventListener("click", () => startReplying(message));
  const item = make("div", "message", avatar(message.from), bubble, act);
  item.classList.toggle("own", isOwn);
  item.classList.toggle("first", isFirst);
  item.classList.toggle("ping", !isOwn && message.pings.includes(state.me));
  return item;
}

function quote(message) {
  const button = make("button", "quote", `${nameOf(message.from)}: ${message.text}`);
  button.type = "button";
  button.setAttribute("aria-label", say.jump(nameOf(message.from)));
  button.addEventListener("click", () => {
    const item = $("list").querySelector(`[data-id="${message.id}"]`);
    if (!item) return;
    item.scrollIntoView({ block: "center" });
    item.classList.add("found");
    setTimeout(() => item.classList.remove("found"), 1200);
  });
  return button;
}

function startButton() {
  const button = make("button", "", say.startButton);
  button.type = "button";
  button.addEventListener("click", () => send("/start"));
  return make("div", "start", say.start, button);
}

/** The whole room, when it is entered. It is new to the reader, so it is not read out aloud. */
function showAll() {
  const list = $("list");
  const messages = messagesOf(state.chat);
  const read = state.read.get(readKey(state.me, state.chat)) || 0;
  const hasNew = read > 0 && unreadOf(state.me, state.chat) > 0;
  list.setAttribute("aria-live", "off");
  list.replaceChildren();
  let isMarked = !hasNew;
  for (const message of messages) {
    if (!isMarked && message.id > read && message.from !== state.me) {
      list.append(make("div", "line new", say.fresh));
      isMarked = true;
    }
    append(message);
  }
  if (!messages.length) list.append(startButton());
  toEnd();
  markRead();
  requestAnimationFrame(() => list.setAttribute("aria-live", "polite"));
}

function append(message, isFresh = false) {
  const list = $("list");
  const before = messagesOf(message.chat).filter((one) => one.id < message.id).pop();
  if (!before || dayOf(before.date * 1000) !== dayOf(message.date * 1000)) {
    list.append(make("div", "line day", dayOf(message.date * 1000)));
  }
  const item = row(message, before);
  item.dataset.id = message.id;
  item.classList.toggle("fresh", isFresh);
  list.append(item);
}

/** What changed since, in the room that is open. */
function showChanged(changed) {
  const wasAtEnd = isAtEnd();
  let hasNew = false;
  for (const message of changed.filter((one) => one.chat === state.chat)) {
    const old = $("list").querySelector(`[data-id="${message.id}"]`);
    if (old) {
      const before = messagesOf(message.chat).filter((one) => one.id < message.id).pop();
      const item = row(message, before);
      item.dataset.id = message.id;
      old.replaceWith(item);
    } else {
      const start = $("list").querySelector(".start");
      if (start) start.remove();
      append(message, true);
      hasNew = true;
    }
  }
  const isMine = changed.some((one) => one.chat === state.chat && one.from === state.me);
  if (isMine) state.before = null;
  if (isMine || (wasAtEnd && !toFirstSince())) toEnd();
  else if (hasNew) $("down").hidden = isAtEnd();
  if (isAtEnd()) markRead();
}

/**
 * A turn of the clock can bring more than fits: then its first message is put in sight, not its
 * last. False where all of it fits.
 */
function toFirstSince() {
  if (!state.before || state.before.chat !== state.chat) return false;
  const first = [...$("list").querySelectorAll(".message")]
    .find((item) => Number(item.dataset.id) > state.before.id);
  if (!first) return false;
  const line = first.previousElementSibling;
  const top = line && line.classList.contains("day") ? line : first;
  const scroll = $("scroll");
  const offset = top.getBoundingClientRect().top - scroll.getBoundingClientRect().top
    + scroll.scrollTop - 8;
  if (scroll.scrollHeight - offset <= scroll.clientHeight) return false;
  scroll.scrollTop = offset;
  return true;
}

/** Says in the group that the bot wrote to this person alone, where such an answer is waiting. */
function showPrivate() {
  const direct = directOf(state.me);
  const button = $("private");
  // The last hint says the same.
  button.hidden = !direct || direct.id === state.chat || !unreadOf(state.me, direct.id)
    || Boolean((nextStep() || {}).isLast);
  if (!button.hidden) button.textContent = say.private(titleOf(direct), nameOf(state.me));
}

function isAtEnd() {
  const { scrollHeight, scrollTop, clientHeight } = $("scroll");
  return scrollHeight - scrollTop - clientHeight < 60;
}

function toEnd() {
  $("scroll").scrollTop = $("scroll").scrollHeight;
  $("down").hidden = true;
}

function markRead() {
  const last = messagesOf(state.chat).pop();
  if (last) state.read.set(readKey(state.me, state.chat), last.id);
  showRooms();
  showPeople();
}

// Writing

async function ask(name, body) {
  const response = await fetch(`/api/${name}`, { method: "POST",
    headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
}

async function send(text) {
  try {
    await ask("messages", { person: state.me, chat: state.chat, text, replyTo: state.replyTo });
    stopReplying();
    return true;
  } catch (error) {
    offline(true);
    return false;
  }
}

async function submit() {
  const text = $("input").value.trim();
  if (!text || (state.hasBlanks && toBlank(0))) return;
  state.hasBlanks = false;
  $("input").value = "";
  fit();
  suggest();
  if (!await send(text)) {
    $("input").value = text;
    fit();
  }
}

/** Sets the composer to a text, ready to be completed: `…` and `<words>` are blanks to fill in. */
function put(text) {
  const input = $("input");
  const words = /….*…/.test(text) ? text : text.replace(/…$/, "");
  input.value = words;
  input.focus();
  input.setSelectionRange(words.length, words.length);
  state.hasBlanks = toBlank(0);
  fit();
  suggest();
}

/** Selects the next blank of a text that was put here; false where none is left. */
function toBlank(from) {
  const blank = /…|<[^>]+>/.exec($("input").value.slice(from));
  if (!blank) return false;
  $("input").setSelectionRange(from + blank.index, from + blank.index + blank[0].length);
  return true;
}

function fit() {
  const input = $("input");
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 168)}px`;
}

function startReplying(message) {
  state.replyTo = message.id;
  $("replying-to").textContent = `${say.replying(nameOf(message.from))}: ${message.text}`;
  $("replying").hidden = false;
  $("input").focus();
}

function stopReplying() {
  state.replyTo = null;
  $("replying").hidden = true;
}

// Suggestions: commands after a slash that begins the message, people after an @.

function wordAtCaret() {
  const input = $("input");
  const head = input.value.slice(0, input.selectionStart);
  const command = /^[/／]([\p{L}\p{N}_ ]*)$/u.exec(head);
  if (command) {
    return { kind: "/", part: command[1].toLowerCase().replaceAll("_", " "), from: 0,
      to: head.length };
  }
  const person = /(?:^|\s)@([\p{L}\p{N}_]*)$/u.exec(head);
  if (!person) return null;
  return { kind: "@", part: person[1].toLowerCase(), from: head.length - person[1].length - 1,
    to: head.length };
}

/** The bot's menu in this person's language; what a new team needs is at its top. */
function menuOf(id) {
  const me = state.people.find((one) => one.id === id);
  const language = (me.language_code || "").slice(0, 2);
  const rank = (one) => firstInMenu.includes(one.command) ? firstInMenu.indexOf(one.command)
    : firstInMenu.length;
  return [...(state.commands[language] || state.commands[""] || [])]
    .sort((a, b) => rank(a) - rank(b))
    .map((one) => ({ name: one.command.replaceAll("_", " "), about: one.description }));
}

/** What fits the word: by its beginning; else by a word of it, which chooses nothing yet. */
function found(word) {
  if (!word) return [];
  const all = word.kind === "/"
    ? menuOf(state.me).map((one) => ({ name: one.name, text: `/${one.name} `,
      title: `/${one.name}`, about: one.about }))
    : state.people.filter((one) => one.id !== state.me)
      .map((one) => ({ name: one.username, text: `@${one.username} `, title: `@${one.username}`,
        about: nameOf(one.id) }));
  const begins = all.filter((one) => one.name.toLowerCase().startsWith(word.part))
    .sort((a, b) => (b.name === word.part) - (a.name === word.part));
  if (begins.length) return begins;
  const inside = all.filter((one) => word.part.trim() && !word.part.includes(" ")
    && (one.name.split(" ").some((part) => part.startsWith(word.part))
      || one.about.toLowerCase().includes(word.part)));
  return inside.map((one) => ({ ...one, isGuess: true }));
}

function suggest() {
  state.items = found(wordAtCaret());
  state.active = state.items.length && !state.items[0].isGuess ? 0 : -1;
  const menu = $("menu");
  menu.replaceChildren(...state.items.map((item, number) => {
    const line = make("li", "", make("b", "", item.title), make("span", "", item.about));
    line.id = `option-${number}`;
    line.setAttribute("role", "option");
    line.addEventListener("mousedown", (event) => { event.preventDefault(); pick(number); });
    return line;
  }));
  menu.hidden = !state.items.length;
  $("input").setAttribute("aria-expanded", String(!menu.hidden));
  activate(state.active);
}

function activate(number) {
  state.active = number;
  [...$("menu").children].forEach((line, index) => {
    line.setAttribute("aria-selected", String(index === number));
    if (index === number) line.scrollIntoView({ block: "nearest" });
  });
  if (number >= 0) $("input").setAttribute("aria-activedescendant", `option-${number}`);
  else $("input").removeAttribute("aria-activedescendant");
}

function pick(number) {
  const item = state.items[number];
  const word = wordAtCaret();
  if (!item || !word) return;
  const input = $("input");
  input.value = input.value.slice(0, word.from) + item.text
    + input.value.slice(word.to).trimStart();
  const caret = word.from + item.text.length;
  input.focus();
  input.setSelectionRange(caret, caret);
  fit();
  suggest();
}

function closeMenu() {
  state.items = [];
  $("menu").hidden = true;
  $("input").setAttribute("aria-expanded", "false");
  activate(-1);
}

function key(event) {
  if (event.isComposing) return;
  const isOpen = state.items.length > 0;
  const count = state.items.length;
  if (isOpen && event.key === "ArrowDown") activate((state.active + 1) % count);
  else if (isOpen && event.key === "ArrowUp") {
    activate((Math.max(state.active, 0) - 1 + count) % count);
  }
  else if (isOpen && event.key === "Escape") closeMenu();
  else if (isOpen && event.key === "Tab" && !event.shiftKey) pick(Math.max(state.active, 0));
  else if (state.hasBlanks && event.key === "Tab" && !event.shiftKey
    && toBlank($("input").selectionEnd)) event.preventDefault();
  else if (event.key === "Escape" && state.replyTo) stopReplying();
  else if (event.key === "Enter" && !event.shiftKey) {
    // What is typed in full already is sent.
    const chosen = state.items[state.active];
    if (chosen && chosen.name.toLowerCase() !== wordAtCaret()?.part) {
      pick(state.active);
    } else submit();
  } else return;
  event.preventDefault();
}

// The way through the demo

/** What has not been done yet, in order; nothing when all is done or no hints are wanted. */
function nextStep() {
  const written = [...state.messages.values()].filter((one) => one.from !== state.bot.id)
    .map((one) => one.text);
  const isOver = (step) => step.turn ? state.turned.has(step.turn)
    : step.open ? (step.isLast ? state.hasReadDigest : directOf(state.people[0].id).started)
      : written.some((text) => step.over.test(text));
  // Whoever is further on their own way is not sent back.
  const last = path.map(isOver).lastIndexOf(true);
  return state.isAlone ? undefined : path[last + 1];
}

function showHint() {
  const step = state.people.length > 1 ? nextStep() : undefined;
  $("hint").hidden = !step
    || (step.open && state.chat === directOf(state.people[step.who].id).id);
  if (!step || $("hint").dataset.step === String(path.indexOf(step))) return;
  $("hint").dataset.step = path.indexOf(step);
  const who = state.people[step.who ?? 0];
  const write = (step.write || "").replace("{1}", state.people[1].username);
  const button = make("button", step.write ? "use" : "go",
    write || (step.open ? titleOf(directOf(who.id)) : say[step.turn]));
  button.type = "button";
  button.addEventListener("click", () => {
    if (step.turn) return turn(document.querySelector(`[data-turn="${step.turn}"]`));
    if (step.who !== undefined && who.id !== state.me) play(who.id);
    enter(step.open ? directOf(who.id).id : state.chats.find((chat) => !isDirect(chat)
      && !chat.gone).id);
    if (write) put(write);
    return undefined;
  });
  $("step").replaceChildren(`${step.words.replace("{who}", nameOf(who.id))} `, button,
    step === path[0] ? make("span", "more", ` ${say.hintMore}`) : "");
}

/** Becomes a person as if they had been chosen at the side. */
function play(person) {
  const input = document.querySelector(`input[name="person"][value="${person}"]`);
  input.checked = true;
  become(person);
}

// The world

function offline(isOff) {
  $("offline").hidden = !isOff;
  $("offline").textContent = isOff ? say.lost : "";
}

function take(news) {
  const isFirst = state.revision < 0;
  // A demo that was started anew counts from the beginning, and so does its page.
  if (news.revision < state.revision) location.reload();
  Object.assign(state, { revision: news.revision, bot: news.bot, people: news.people,
    chats: news.chats, commands: news.commands, clock: news.clock, heardAt: performance.now() });
  for (const message of news.messages) state.messages.set(`${message.chat}/${message.id}`, message);
  tick();
  if (isFirst) {
    state.me = state.people[0].id;
    for (const person of state.people) {
      for (const chat of roomsOf(person.id)) {
        state.read.set(readKey(person.id, chat.id), (messagesOf(chat.id).pop() || { id: 0 }).id);
      }
    }
    enter(roomsOf(state.me)[0].id);
    document.documentElement.dataset.ready = "true";
    return;
  }
  const room = chatNamed(state.chat);
  if (!room || room.gone) {
    state.chat = null;
    enter(roomsOf(state.me)[0].id);
  } else if (news.messages.length) showChanged(news.messages);
  showRooms();
  showPeople();
}

async function listen() {
  for (;;) {
    try {
      const response = await fetch(
        `/api/state?after=${state.revision}&wait=${state.revision < 0 ? 0 : 25}`);
      if (!response.ok) throw new Error(String(response.status));
      take(await response.json());
      offline(false);
    } catch (error) {
      offline(true);
      await new Promise((done) => { setTimeout(done, 1500); });
    }
  }
}

async function turn(button) {
  button.disabled = true;
  const last = messagesOf(state.chat).pop();
  state.before = { chat: state.chat, id: last ? last.id : 0 };
  state.turned.add(button.dataset.turn);
  toEnd();
  try {
    await ask("clock", { turn: button.dataset.turn });
  } catch (error) {
    offline(true);
  }
  button.disabled = false;
  button.focus();
}

function begin() {
  document.documentElement.lang = isChinese ? "zh-Hans" : "en";
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say[one.dataset.say];
  for (const one of document.querySelectorAll("[data-label]")) {
    one.setAttribute("aria-label", say[one.dataset.label]);
  }
  for (const one of document.querySelectorAll("[data-title]")) one.title = say[one.dataset.title];
  $("no-hints").addEventListener("click", () => { state.isAlone = true; showHint(); });
  $("private").addEventListener("click", () => enter(directOf(state.me).id));
  $("input").addEventListener("keydown", key);
  $("input").addEventListener("input", () => { fit(); suggest(); });
  $("input").addEventListener("blur", closeMenu);
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  $("no-reply").addEventListener("click", () => { stopReplying(); $("input").focus(); });
  $("down").addEventListener("click", () => { toEnd(); markRead(); });
  // The end stays in sight when what stands around the messages grows or shrinks.
  let isPinned = true;
  $("scroll").addEventListener("scroll", () => {
    isPinned = isAtEnd();
    if (state.chat === null || !isPinned || $("down").hidden) return;
    $("down").hidden = true;
    markRead();
  });
  new ResizeObserver(() => { if (isPinned) toEnd(); }).observe($("scroll"));
  for (const button of document.querySelectorAll("[data-turn]")) {
    button.addEventListener("click", () => turn(button));
  }
  setInterval(tick, 1000);
  listen();
}

begin();
