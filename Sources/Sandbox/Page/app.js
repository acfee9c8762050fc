"use strict";

// What the page says. English, and Chinese for a browser that asks for it.
const english = {
  skip: "Skip to writing", sandbox: "sandbox", turn: "Turn the clock", skipTo: "Skip to",
  hour: "next hour", morning: "next morning", monday: "next Monday", youAre: "You are",
  rooms: "Rooms", messages: "Messages", down: "↓ New messages", menu: "Suggestions",
  noReply: "Do not reply", send: "Send", write: (room) => `Message in ${room}`,
  writing: (who) => `Write as ${who}`, manager: "manager", member: "member",
  direct: "direct chat", people: (n) => `${n} people and the bot`, you: "you",
  only: (who) => `Only ${who} and the bot see this`, edited: "edited",
  reply: (who) => `Reply to ${who}`, replying: (who) => `Reply to ${who}`,
  added: (who, whom) => `${who} added ${whom}`, moved: "The group is a supergroup now",
  unread: (n) => `${n} new`, fresh: "New", use: (text) => `Use ${text}`,
  start: "A direct chat begins when you press Start.", startButton: "Start",
  lost: "No answer from the sandbox. Trying again…", hint: "Try",
  hintMore: "or type / for the menu",
  jump: (who) => `Go to the message of ${who}`, reacted: (emoji) => `Reacted: ${emoji}`,
};
const chinese = {
  skip: "跳到输入框", sandbox: "沙盒", turn: "拨动时钟", skipTo: "跳到",
  hour: "下一小时", morning: "明早九点", monday: "下周一", youAre: "你的身份",
  rooms: "聊天", messages: "消息", down: "↓ 新消息", menu: "建议", noReply: "取消回复",
  send: "发送", write: (room) => `发到 ${room}`, writing: (who) => `以 ${who} 的身份发言`,
  manager: "负责人", member: "成员", direct: "私聊", people: (n) => `${n} 人和机器人`, you: "你",
  only: (who) => `只有 ${who} 和机器人能看到`, edited: "已编辑", reply: (who) => `回复 ${who}`,
  replying: (who) => `回复 ${who}`, added: (who, whom) => `${who} 添加了 ${whom}`,
  moved: "群组已升级为超级群", unread: (n) => `${n} 条新消息`, fresh: "新消息",
  use: (text) => `使用 ${text}`, start: "按「开始」后才能私聊。", startButton: "开始",
  lost: "沙盒没有回应，正在重试…", hint: "试试", hintMore: "或输入 / 打开菜单",
  jump: (who) => `查看 ${who} 的消息`, reacted: (emoji) => `回应：${emoji}`,
};
const isChinese = (navigator.language || "en").toLowerCase().startsWith("zh");
const say = isChinese ? chinese : english;
const locale = isChinese ? "zh-CN" : "en-GB";
const tryThis = isChinese ? "/task add 续期证书 due 周五" : "/task add renew cert due fri";

const $ = (id) => document.getElementById(id);
const state = {
  revision: -1, bot: null, people: [], chats: [], commands: {}, clock: null, heardAt: 0,
  messages: new Map(), me: null, chat: null, read: new Map(), replyTo: null, hasWritten: false,
  items: [], active: -1, drafts: new Map(),
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
  $("zone").textContent = state.clock.zone;
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
      : roomsOf(person.id).filter(isDirect)
        .reduce((sum, chat) => sum + unreadOf(person.id, chat.id), 0);
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
        make("small", "", isDirect(chat) ? say.direct : say.people(chat.members.length))),
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
  }
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
  stopReplying();
  const room = chatNamed(chat);
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
    place.append(dress(text.slice(from, to), around.map((one) => one.type)));
  }
}

const plainTags = { bold: "strong", italic: "em", underline: "u", strikethrough: "s",
  code: "code", pre: "pre" };
const plainClasses = { mention: "mention", text_mention: "mention", hashtag: "tag", url: "url" };

function dress(words, types) {
  let node = document.createTextNode(words);
  for (const type of [...types].reverse()) {
    if (type === "bot_command" || (type === "code" && words.startsWith("/"))) {
      const button = make("button", "use", node);
      button.type = "button";
      button.title = say.use(words);
      button.addEventListener("click", () => put(words.split("@")[0].length < words.length
        && type === "bot_command" ? words.split("@")[0] : words));
      node = button;
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
  if (wasAtEnd || isMine) toEnd();
  else if (hasNew) $("down").hidden = false;
  if (isAtEnd()) markRead();
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
    state.hasWritten = true;
    $("hint").hidden = true;
    stopReplying();
    return true;
  } catch (error) {
    offline(true);
    return false;
  }
}

async function submit() {
  const text = $("input").value.trim();
  if (!text) return;
  $("input").value = "";
  fit();
  suggest();
  if (!await send(text)) {
    $("input").value = text;
    fit();
  }
}

/** Sets the composer to a text, ready to be completed. */
function put(text) {
  $("input").value = text;
  $("input").focus();
  $("input").setSelectionRange(text.length, text.length);
  fit();
  suggest();
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
  const command = /^[/／]([a-z0-9_]*)$/i.exec(head);
  if (command) return { kind: "/", part: command[1].toLowerCase(), from: 0, to: head.length };
  const person = /(?:^|\s)@([\p{L}\p{N}_]*)$/u.exec(head);
  if (!person) return null;
  return { kind: "@", part: person[1].toLowerCase(), from: head.length - person[1].length - 1,
    to: head.length };
}

function found(word) {
  if (!word) return [];
  const ranked = (all, keys) => all.map((one) => [one, keys(one).map((key) => key.toLowerCase())])
    .map(([one, keys]) => [one, keys[0].startsWith(word.part) ? 0
      : word.part.length > 2 && keys.some((key) => key.includes(word.part)) ? 1 : 2])
    .filter(([, rank]) => rank < 2).sort((a, b) => a[1] - b[1]).map(([one]) => one);
  if (word.kind === "/") {
    const me = state.people.find((one) => one.id === state.me);
    const language = (me.language_code || "").slice(0, 2);
    const menu = state.commands[language] || state.commands[""] || [];
    return ranked(menu, (one) => [one.command, one.description])
      .map((one) => ({ text: `/${one.command} `, title: `/${one.command}`,
        about: one.description }));
  }
  return ranked(state.people.filter((one) => one.id !== state.me),
    (one) => [one.username, nameOf(one.id)])
    .map((one) => ({ text: `@${one.username} `, title: `@${one.username}`,
      about: nameOf(one.id) }));
}

function suggest() {
  state.items = found(wordAtCaret());
  state.active = state.items.length ? 0 : -1;
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
  else if (isOpen && event.key === "ArrowUp") activate((state.active - 1 + count) % count);
  else if (isOpen && event.key === "Escape") closeMenu();
  else if (isOpen && event.key === "Tab" && !event.shiftKey) pick(state.active);
  else if (event.key === "Escape" && state.replyTo) stopReplying();
  else if (event.key === "Enter" && !event.shiftKey) {
    const typed = $("input").value.trim();
    if (isOpen && state.items[state.active].title !== typed) pick(state.active);
    else submit();
  } else return;
  event.preventDefault();
}

// The world

function offline(isOff) {
  $("offline").hidden = !isOff;
  $("offline").textContent = isOff ? say.lost : "";
}

function take(news) {
  const isFirst = state.revision < 0;
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
  const example = make("button", "use", tryThis);
  example.type = "button";
  example.addEventListener("click", () => put(tryThis));
  $("hint").append(`${say.hint} `, example, make("span", "more", ` ${say.hintMore}`));
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
