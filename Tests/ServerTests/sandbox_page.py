"""Uses the sandbox's page as people do: by keyboard, narrow and wide, light and dark.

Called with the page's address; prints one line for each thing that was shown, then `ok`. A small
bot of its own stands in for the daemon, so that the page alone is judged.
"""
import json
import os
import sys
import threading
import urllib.error
import urllib.request

from sandbox_browser import Browser

PAGE, TOKEN = sys.argv[1].rstrip("/"), sys.argv[2]
PICTURES = os.environ.get("CREWBELL_PAGE_PICTURES")
GROUP = -1001000000001


def bot(method, **arguments):
    request = urllib.request.Request(
        f"{PAGE}/bot{TOKEN}/{method}", json.dumps(arguments).encode(),
        {"content-type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=70))["result"]


def answer_people(stop):
    """Answers every command by quoting it, and reacts to it."""
    offset = 0
    while not stop.is_set():
        try:
            updates = bot("getUpdates", offset=offset, timeout=2)
        except urllib.error.URLError:
            return
        for update in updates:
            offset = update["update_id"] + 1
            message = update.get("message", {})
            text = message.get("text", "")
            if not text.startswith("/"):
                continue
            chat, number = message["chat"]["id"], message["message_id"]
            words = f"✓ #41 heard {text} <b>&</b>"
            bot("sendMessage", chat_id=chat, text=words,
                entities=[{"type": "bold", "offset": 2, "length": 3}],
                reply_parameters={"message_id": number})
            bot("setMessageReaction", chat_id=chat, message_id=number,
                reaction=[{"type": "emoji", "emoji": "👍"}])


def check(truth, words):
    if not truth:
        raise AssertionError(words)
    print(words)


def text(element):
    return f"document.getElementById('{element}').textContent"


LAST = "[...document.querySelectorAll('#list .message')].at(-1)"
FOCUS = "document.activeElement.id"


def tab_to(browser, script, limit=60):
    """By the Tab key alone, as somebody without a mouse."""
    for _ in range(limit):
        if browser.run(script):
            return
        browser.press("Tab")
    raise AssertionError(f"not reached by Tab: {script}")


def by_keyboard(browser):
    browser.open(PAGE)
    check(browser.run(f"{text('title')} === 'Service Desk'"), "the group is open")
    check("Ana added Crewbell" in browser.run(text("list")), "it tells who added the bot")
    tab_to(browser, f"{FOCUS} === 'input'")
    browser.type("/ta")
    browser.wait("!document.getElementById('menu').hidden")
    check(browser.run("document.getElementById('input').getAttribute('aria-expanded')") == "true",
          "the menu opens on a slash and says so")
    options = browser.run("[...document.querySelectorAll('#menu b')].map(o => o.textContent)")
    check(options == ["/task add", "/tasks", "/task", "/take"], "it is filtered by what was typed")
    browser.press("ArrowDown")
    chosen = browser.run(
        "document.getElementById(document.getElementById('input')"
        ".getAttribute('aria-activedescendant')).textContent")
    check(chosen.startswith("/task"), "arrow keys move, and readers are told where to")
    browser.press("Escape")
    check(browser.run("document.getElementById('menu').hidden"), "Escape closes it")
    browser.type("sks")
    browser.press("Tab")
    check(browser.run("document.getElementById('input').value") == "/tasks ",
          "Tab completes the command")
    browser.type("mine")
    browser.press("Enter")
    browser.wait(f"{LAST}.textContent.includes('heard /tasks mine')")
    check(True, "the message arrives and the bot's answer with it")
    check("<b>&</b>" in browser.run(f"{LAST}.textContent"), "what looks like markup stays text")
    check(browser.run(f"{LAST}.querySelector('strong').textContent") == "#41",
          "an entity becomes bold")
    check("Ana: /tasks mine" in browser.run(f"{LAST}.querySelector('.quote').textContent"),
          "the answer quotes what it answers")
    browser.wait("document.querySelectorAll('.reaction').length === 1")
    check(browser.run("document.getElementById('input').value") == "", "the composer is empty")
    check("/take 1" in browser.run(text("step")), "the hint is about the next step")
    browser.run("document.getElementById('no-hints').focus()")
    browser.press("Enter")
    check(browser.run("document.getElementById('hint').hidden"), "and goes when it is not wanted")


def as_ben(browser):
    tab_to(browser, "document.activeElement.name === 'person'")
    browser.press("ArrowDown")
    browser.wait("document.querySelector('input[name=person]:checked').value === '102'")
    browser.wait(f"{LAST}.classList.contains('own') === false")
    check("Ben" in browser.run("document.getElementById('input').placeholder"),
          "arrow keys change who one is")
    tab_to(browser, "document.activeElement.dataset.chat === '102'")
    browser.press("Enter")
    check("Only Ben" in browser.run(text("subtitle")), "Enter opens Ben's direct chat")
    tab_to(browser, "document.activeElement.textContent === 'Start'")
    browser.press("Enter")
    browser.wait(f"{LAST}?.textContent.includes('heard /start')")
    check(True, "Start opens it to the bot")
    bot("sendMessage", chat_id=GROUP, text="Ben: #41 is due", entities=[
        {"type": "text_mention", "offset": 0, "length": 3,
         "user": {"id": 102, "is_bot": False, "first_name": "Ben"}}])
    browser.wait(f"document.querySelector('[data-chat=\"{GROUP}\"] .badge')?.textContent === '1'")
    check(True, "an unread message is counted where it waits")
    browser.run(f"document.querySelector('[data-chat=\"{GROUP}\"]').focus()")
    browser.press("Enter")
    browser.wait(f"{LAST}.classList.contains('ping')")
    check(True, "a message that rings is marked for whom it rings")
    check(browser.run(f"document.querySelector('[data-chat=\"{GROUP}\"] .badge')") is None,
          "and is read once it was seen")


def clock(browser):
    before = browser.run("document.getElementById('time').dateTime")
    tab_to(browser, "document.activeElement.dataset.turn === 'monday'")
    browser.press(" ")
    browser.wait(f"{text('time')} === '09:00' && {text('day')}.startsWith('Mon')")
    after = browser.run("document.getElementById('time').dateTime")
    check(after > before, "the clock turns to Monday morning")
    browser.press("Tab", shift=True)
    browser.press("Enter")
    browser.wait(f"{text('day')}.startsWith('Tue')")
    check(True, "and on to the morning after")
    tab_to(browser, f"{FOCUS} === 'input'")
    browser.type("good morning")
    browser.press("Enter")
    browser.wait(f"{LAST}.textContent.includes('good morning')")
    day = browser.run("[...document.querySelectorAll('.day')].at(-1).textContent")
    check(day.startswith("Tue"),
          "a new day is a line between messages")


CONTRAST = """(() => {
  const number = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((c) => c / 255)
    .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = number(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (!own || !box.width || style.visibility === 'hidden' || style.opacity === '0') continue;
    if (element.closest('.unseen, .act')) continue;
    const [a, b] = [light(number(style.color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) {
      poor.push(`${element.className}: ${element.textContent.slice(0, 20)} ${ratio}`);
    }
  }
  return poor;
})()"""

NAMELESS = """[...document.querySelectorAll('button, input, textarea, img, [role]')].filter((e) =>
  !e.closest('[hidden]') && !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')
    || e.textContent.trim()
    || e.labels?.length || e.alt === '')).map((e) => e.outerHTML.slice(0, 80))"""

SMALL = """[...document.querySelectorAll('button:not(.use):not(.quote), .person')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && (box.width < 24 || box.height < 24);
}).map((e) => e.outerHTML.slice(0, 80))"""


def look(width, height, dark):
    scheme = "dark" if dark else "light"
    name = f"{width} px, {scheme}"
    browser = Browser(width, height, dark=dark, reduced=dark)
    try:
        browser.open(PAGE)
        browser.wait("document.querySelectorAll('.message').length > 3")
        wide = browser.run("document.documentElement.scrollWidth")
        check(wide <= width, f"{name}: nothing hangs over the side")
        check(browser.run("(() => { const s = document.getElementById('scroll');"
                          "return s.scrollHeight - s.scrollTop - s.clientHeight; })()") < 4,
              f"{name}: the newest message is in sight")
        browser.run("document.getElementById('input').focus()")
        browser.type("/")
        browser.wait("!document.getElementById('menu').hidden")
        poor = browser.run(CONTRAST)
        check(poor == [], f"{name}: all words stand out 4.5 to 1 {poor or ''}".strip())
        check(browser.run(NAMELESS) == [], f"{name}: everything that acts has a name")
        check(browser.run(SMALL) == [], f"{name}: nothing is too small to be hit")
        ground = browser.run("getComputedStyle(document.body).backgroundColor")
        first = int(ground.split("(")[1].split(",")[0])
        check((first < 80) == dark, f"{name}: the scheme is followed")
        if PICTURES:
            browser.picture(os.path.join(PICTURES, f"sandbox-{width}-{scheme}.png"))
        check(browser.complaints == [],
              f"{name}: a silent console {browser.complaints or ''}".strip())
    finally:
        browser.close()


def in_chinese():
    browser = Browser(375, 740, language="zh-CN")
    try:
        browser.open(PAGE)
        check(browser.run("document.documentElement.lang") == "zh-Hans"
              and "下周一" in browser.run("document.body.textContent"),
              "a Chinese browser gets a Chinese page")
        browser.run("document.querySelector('input[value=\"103\"]').click()")
        browser.run("document.getElementById('input').focus()")
        browser.type("/t")
        browser.wait(f"{text('menu')}.includes('任务列表')")
        check(True, "and 李薇 a Chinese menu")
    finally:
        browser.close()


def main():
    commands = [("help", "Show what can be done."), ("tasks", "List tasks."),
                ("task", "One task."), ("task_add", "Add a task."), ("take", "Take a task.")]
    bot("setMyCommands", commands=[{"command": c, "description": d} for c, d in commands])
    bot("setMyCommands", language_code="zh",
        commands=[{"command": "tasks", "description": "任务列表"}])
    stop = threading.Event()
    helper = threading.Thread(target=answer_people, args=(stop,), daemon=True)
    helper.start()
    browser = Browser()
    try:
        by_keyboard(browser)
        as_ben(browser)
        clock(browser)
        check(browser.complaints == [], f"a silent console {browser.complaints or ''}".strip())
    finally:
        browser.close()
    for width, height, dark in ((375, 740, False), (375, 740, True), (1440, 900, False),
                                (1440, 900, True)):
        look(width, height, dark)
    in_chinese()
    stop.set()
    helper.join(5)
    print("ok")


if __name__ == "__main__":
    main()
