"""Spends a week in `crewbell demo` as somebody who sees it for the first time.

Called with the page's address and, where a picture is wanted, the file to write it to. Everything
the bot says comes from the real daemon. Prints a line for each thing shown, then `ok`.
"""
import sys

from sandbox_browser import Browser

PAGE = sys.argv[1].rstrip("/")
PICTURE = sys.argv[2] if len(sys.argv) > 2 else None
ANA, BEN, LI = 101, 102, 103
LAST = "[...document.querySelectorAll('#list .message')].at(-1)"
# What the bot has said in the open chat since the message that was sent last.
SAID = "[...document.querySelectorAll('#list .message')].map((m) => m.textContent)"


def check(truth, words):
    if not truth:
        raise AssertionError(words)
    print(words)


def play(browser, person, direct=False):
    browser.run(f"document.querySelector('input[value=\"{person}\"]').click()")
    place = str(person) if direct else "-1001000000001"
    browser.run(f"document.querySelector('[data-chat=\"{place}\"]').click()")


def say(browser, person, words, answer, direct=False):
    """Types it, key by key, and waits for the bot's answer or for its reaction."""
    play(browser, person, direct)
    browser.run("document.getElementById('input').focus()")
    browser.type(words)
    browser.press("Enter")
    browser.wait("document.getElementById('input').value === ''")
    if answer is None:
        own = "[...document.querySelectorAll('.message.own')].at(-1)"
        browser.wait(f"{own}.querySelector('.reaction')", 30)
    else:
        browser.wait(f"{LAST}.textContent.includes({answer!r})", 30)
    check(True, f"{words} → {answer or 'a reaction'}")


def turn(browser, to, day):
    """With the keyboard, on the button in the bar."""
    browser.run(f"document.querySelector('.bar [data-turn=\"{to}\"]').focus()")
    browser.press("Enter")
    browser.wait("document.getElementById('time').textContent === '09:00'"
                 f" && document.getElementById('day').textContent.startsWith('{day}')")


def monday(browser):
    browser.open(PAGE)
    browser.wait(f"{SAID}.some((m) => m.includes('/task add'))", 30)
    check(True, "the bot says what to begin with")
    turn(browser, "monday", "Mon")
    browser.run("document.getElementById('input').focus()")
    browser.type("/task a")
    browser.wait("document.querySelector('#menu b').textContent === '/task add'")
    browser.press("Tab")
    check(browser.run("document.getElementById('input').value") == "/task add ",
          "the menu knows the bot's own commands")
    browser.run("document.getElementById('input').value = ''")
    say(browser, ANA, "/task add renew cert due fri", "#1 renew cert")
    say(browser, BEN, "/take 1", None)
    say(browser, ANA, "/goal add first reply under two hours by 30 Dec @liwei", "g1")
    say(browser, LI, "/目标 g1 40% 试点开始了", "g1")
    say(browser, ANA, "/checkin schedule daily 09:00", "daily")
    play(browser, ANA, direct=True)
    browser.run("document.querySelector('.start button').click()")
    browser.wait(f"{LAST}?.textContent.includes('/help')", 30)
    check(True, "Ana opens her chat with the bot")


def tuesday(browser):
    play(browser, ANA)
    turn(browser, "morning", "Tue")
    browser.wait(f"{SAID}.some((m) => m.includes('check-in for Tue'))", 30)
    check(True, "on Tuesday morning the check-in opens by itself")
    say(browser, BEN, "/checkin renewed the cert; today: SLA report", None)
    say(browser, LI, "/签到 客户邮件回复了一半", None)
    say(browser, ANA, "@ben++ for renewing the cert before anyone noticed #customer", "Ben +1")
    if PICTURE:
        play(browser, ANA)
        browser.call("Emulation.setDeviceMetricsOverride", width=1440, height=1040,
                     deviceScaleFactor=1, mobile=False)
        browser.run("document.activeElement.blur()")
        browser.run("new Promise((done) => setTimeout(done, 400))")
        browser.picture(PICTURE)


def next_monday(browser):
    play(browser, ANA)
    turn(browser, "monday", "Mon")
    browser.wait("!!document.querySelector('[data-chat=\"101\"] .badge')", 60)
    play(browser, ANA, direct=True)
    browser.wait(f"{SAID}.some((m) => m.includes('week') && m.includes('WORK'))", 60)
    check(True, "on Monday the digest is in Ana's own chat")
    digest = browser.run(f"{SAID}.findLast((m) => m.includes('WORK'))")
    check("first rep" in digest and "CHECK-INS" in digest and "kudos 1" in digest,
          "it tells of the goal, the check-ins and the thanks")
    play(browser, BEN)
    check(not any("WORK" in words for words in browser.run(SAID)), "and nowhere else")


def look(width, height, dark):
    name = f"{width} px, {'dark' if dark else 'light'}"
    browser = Browser(width, height, dark=dark)
    try:
        browser.open(PAGE)
        for place, direct in (("room", False), ("digest", True)):
            play(browser, ANA, direct)
            browser.wait("document.querySelectorAll('.message').length > 3")
            check(browser.run("document.documentElement.scrollWidth") <= width
                  and browser.run("(() => { const s = document.getElementById('scroll');"
                                  "return s.scrollWidth <= s.clientWidth; })()"),
                  f"{name}: nothing hangs over the side of the {place}")
        check(browser.run("[...document.querySelectorAll('pre')].length") > 0
              and browser.run("[...document.querySelectorAll('pre')]"
                              ".every((t) => t.scrollWidth <= t.clientWidth)"),
              f"{name}: the digest's table fits")
        check(browser.complaints == [],
              f"{name}: a silent console {browser.complaints or ''}".strip())
    finally:
        browser.close()


def main():
    browser = Browser()
    try:
        monday(browser)
        tuesday(browser)
        next_monday(browser)
        check(browser.complaints == [], f"a silent console {browser.complaints or ''}".strip())
    finally:
        browser.close()
    for width, height in ((375, 740), (1440, 900)):
        for dark in (False, True):
            look(width, height, dark)
    print("ok")


if __name__ == "__main__":
    main()
