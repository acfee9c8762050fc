"""Reads what Crewbell would send with readers that others wrote, and tells what it sees that it
should not. One JSON object a line on standard input; the last line of the output counts."""

import datetime
import email
import email.policy
import json
import re
import sys
from html.parser import HTMLParser

import bleach
from markdown_it import MarkdownIt
from telegram import Chat, Message, MessageEntity, User

# Invisible to a reader, or folded by HTML.
UNSEEN = {0x200B, 0xFEFF, 0x30A, 0x333, 0x33F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)}
# What the Matrix specification lets a client show (m.room.message, org.matrix.custom.html).
ALLOWED = {
    "del", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "p", "a", "ul", "ol", "sup", "sub",
    "li", "b", "i", "u", "strong", "em", "s", "code", "hr", "br", "div", "table", "thead", "tbody",
    "tr", "th", "td", "caption", "pre", "span", "img", "details", "summary",
}
# Swift's and Python's tables of Unicode need not be of one year, so white space is named here.
SPACE = {*range(0x21), *range(0x7F, 0xA1), 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000}


def normal(text):
    return "".join(c for c in text if ord(c) not in UNSEEN and ord(c) not in SPACE)


def styles(text, **marks):
    """One entry a visible character."""
    key = (marks.get("strong", False), marks.get("code", False), marks.get("block", False),
           marks.get("person"))
    return [(c, key) for c in normal(text)]


class Page(HTMLParser):
    """Python's own parser, which knows nothing of ours."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.letters, self.open, self.person, self.odd = [], [], None, []

    def handle_starttag(self, tag, attributes):
        if tag == "br":
            return
        self.open.append(tag)
        if tag == "a":
            self.person = dict(attributes).get("href", "")
        elif attributes:
            self.odd.append((tag, attributes))
        if tag not in ("strong", "code", "pre", "a"):
            self.odd.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.odd.append("/" + tag)
        if tag == "a":
            self.person = None

    def handle_data(self, data):
        block = "pre" in self.open
        self.letters += styles(
            data, strong="strong" in self.open, code="code" in self.open and not block,
            block=block, person=self.person)

    def handle_comment(self, data):
        self.odd.append("a comment")

    def handle_decl(self, data):
        self.odd.append("a declaration")

    def unknown_decl(self, data):
        self.odd.append("a declaration")


def matrix(sent):
    body = sent["formatted_body"]
    kept = bleach.clean(body, tags=ALLOWED, attributes={"a": ["href"]}, protocols=["https"],
                        strip=True)
    page, clean = Page(), Page()
    page.feed(body)
    page.close()
    clean.feed(kept)
    clean.close()
    if page.odd or page.open:
        raise ValueError(f"tags {page.odd} {page.open}")
    if page.letters != clean.letters:
        raise ValueError("an allow-list takes something out")
    if "m.mentions" not in sent or sent["msgtype"] != "m.notice":
        raise ValueError("no m.mentions, or no notice")
    users = sent["m.mentions"].get("user_ids", [])
    letters = [(c, (*k[:3], user(k[3]))) for c, k in page.letters]
    if {k[3] for _, k in letters if k[3]} - set(users):
        raise ValueError("links somebody whose phone does not ring")
    return letters, set(users)


def user(href):
    from urllib.parse import unquote

    start = "https://matrix.to/#/"
    if href is None:
        return None
    if not href.startswith(start):
        raise ValueError(f"a link to {href}")
    return unquote(href[len(start):])


def telegram(sent):
    if "parse_mode" in sent:
        raise ValueError("a parse_mode")
    entities = [MessageEntity.de_json(e, None) for e in sent.get("entities", [])]
    chat = Chat(1, "private")
    message = Message(1, datetime.datetime.now(datetime.UTC), chat, from_user=User(1, "x", False),
                      text=sent["text"], entities=entities)
    units = sent["text"].encode("utf-16-le")
    marks = [dict(strong=False, code=False, block=False, person=None)
             for _ in range(len(units) // 2)]
    read = message.parse_entities()
    if len(read) != len(entities):
        raise ValueError("an entity is lost")
    for entity, words in read.items():
        whole = units[entity.offset * 2:(entity.offset + entity.length) * 2].decode("utf-16-le")
        if words != whole:
            raise ValueError("an entity cuts a character")
        key = {"bold": "strong", "code": "code", "pre": "block"}.get(entity.type)
        for at in range(entity.offset, entity.offset + entity.length):
            if key:
                marks[at][key] = True
            elif entity.type == "text_mention":
                marks[at]["person"] = str(entity.user.id)
            else:
                raise ValueError(f"an entity of type {entity.type}")
    letters, at = [], 0
    for c in sent["text"]:
        letters += styles(c, **marks[at])
        at += len(c.encode("utf-16-le")) // 2
    if at > 4096:
        raise ValueError(f"{at} units")
    return letters, {m["person"] for m in marks if m["person"]}


def commonmark(markdown, text, words, passes=lambda part: False):
    """The letters of its paragraphs and fences. `words` reads what stands there as plain text."""
    letters = []
    for token in markdown.parse(text):
        if token.type in ("paragraph_open", "paragraph_close"):
            continue
        if token.type == "fence" and not token.info:
            letters += styles(token.content, block=True)
            continue
        if token.type != "inline":
            raise ValueError(f"a {token.type}")
        strong = False
        for part in token.children:
            if part.type in ("strong_open", "strong_close"):
                strong = part.type == "strong_open"
            elif part.type == "code_inline":
                letters += styles(part.content, strong=strong, code=True)
            elif part.type in ("text", "text_special"):
                letters += words(part.content, strong)
            elif part.type not in ("softbreak", "hardbreak") and not passes(part):
                raise ValueError(f"a {part.type}")
    return letters


def mattermost(sent):
    """CommonMark with the tables and strikes of GitHub: what the mobile clients show."""
    pings = set()
    markdown = MarkdownIt("commonmark", {"breaks": True}).enable(["table", "strikethrough"])

    def words(text, strong):
        letters, at = [], 0
        for match in re.finditer(r"@[A-Za-z0-9][A-Za-z0-9._-]*", text):
            letters += styles(text[at:match.start()], strong=strong)
            name = match[0].rstrip(".-_")
            at = match.start() + len(name)
            pings.add(name)
            letters += styles(name, strong=strong, person=name)
        return letters + styles(text[at:], strong=strong)

    letters = commonmark(markdown, sent["message"], words)
    if len(sent["message"]) > 16383:
        raise ValueError(f"{len(sent['message'])} characters")
    ana = "ana00000000000000000000000"
    letters = [(c, (*k[:3], ana if k[3] == "@ana" else k[3])) for c, k in letters]
    return letters, {ana if ping == "@ana" else ping for ping in pings}


def mattermost_webhook(sent):
    return mattermost({"message": sent["text"]})


def mail(sent):
    message = email.message_from_string(sent, policy=email.policy.default)
    parts = {part.get_content_type(): part.get_content() for part in message.walk()
             if not part.is_multipart()}
    defects = [defect for part in message.walk() for defect in part.defects]
    if defects or set(parts) != {"text/plain", "text/html"} or message["To"] != "desk@example.org":
        raise ValueError(f"{defects} {sorted(parts)} {message['To']}")
    start, end = '<!DOCTYPE html>\n<html><body style="font-family: sans-serif">', "</body></html>\n"
    html = parts["text/html"].replace("\r\n", "\n")
    if not (html.startswith(start) and html.endswith(end)):
        raise ValueError("no page")
    page = Page()
    page.feed(html[len(start):-len(end)])
    page.close()
    if page.odd or page.open:
        raise ValueError(f"tags {page.odd} {page.open}")
    if normal(parts["text/plain"]) != "".join(c for c, _ in page.letters):
        raise ValueError("the text and the HTML differ")
    return page.letters, set()


def discord(sent):
    """CommonMark without its HTML, entities and underlined headings, which Discord does not have;
    the mentions are found wherever they stand."""
    content, allowed = sent["content"], sent["allowed_mentions"]
    if allowed["parse"] != [] or allowed["replied_user"] or not sent["flags"] & 4:
        raise ValueError("rings or shows pages")
    if len(content.encode("utf-16-le")) > 4000:
        raise ValueError("too long")
    # discord.py's own expressions (Message.raw_mentions, raw_role_mentions, raw_channel_mentions;
    # utils.escape_mentions; PartialEmoji).
    pings = set(re.findall(r"<@!?([0-9]{15,20})>", content))
    for odd in (r"<@&([0-9]{15,20})>", r"<#([0-9]{15,20})>", r"@(everyone|here)",
                r"<a?:\w{2,32}:[0-9]{13,20}>", r"<t:-?\d+", r"</[-\w]"):
        if re.search(odd, content):
            raise ValueError(f"holds {odd}")
    # Spoilers and hidden addresses are no CommonMark.
    bare = re.sub(r"\\.", "", content, flags=re.DOTALL)
    outside = re.sub(r"```.*?```|(`+).+?\1|<https?:[^ >]+>", "", bare, flags=re.DOTALL)
    if re.search(r"\|\||__|~~|\]\(|(?<!\\):[^\s:]+:|https?://", outside):
        raise ValueError("a mark of Discord's own")
    markdown = MarkdownIt("commonmark", {"breaks": True, "html": False})
    markdown.enable("strikethrough").disable(["entity", "lheading"])
    markdown.normalizeLinkText = lambda text: text

    def words(text, strong):
        letters, at = [], 0
        for match in re.finditer(r"<@([0-9]{15,20})>", text):
            letters += styles(text[at:match.start()], strong=strong)
            letters += styles("@ana", strong=strong, person=match[1])
            at = match.end()
        return letters + styles(text[at:], strong=strong)

    letters = commonmark(
        markdown, content, words,
        passes=lambda part: part.type in ("link_open", "link_close") and part.info == "auto")
    if not pings <= set(allowed["users"]):
        raise ValueError("names somebody else")
    return letters, pings


READERS = {"matrix": matrix, "telegram": telegram, "mattermost": mattermost,
           "mattermost_webhook": mattermost_webhook, "email": mail, "discord": discord,
           "discord_webhook": discord}


def harm(case):
    seen, pings = READERS[case["platform"]](case["sent"])
    wanted = [letter for run in case["runs"]
              for letter in styles(run["text"], strong=run["strong"], code=run["code"],
                                   block=run["block"], person=run["person"])]
    if case["platform"] == "telegram":
        # A lone command is no entity of ours: the server makes a button of it.
        seen = [(c, (k[0], False, *k[2:])) for c, k in seen]
        wanted = [(c, (k[0], False, *k[2:])) for c, k in wanted]
    if pings - set(case["pings"]):
        return f"rings for {pings}"
    if case["isCut"]:
        seen = seen[:-1]
        wanted = wanted[:len(seen)]
    if seen != wanted:
        at = next((i for i, (a, b) in enumerate(zip(seen, wanted)) if a != b),
                  min(len(seen), len(wanted)))
        return f"differs at {at}: {seen[at:at + 5]} instead of {wanted[at:at + 5]}"
    return None


def main():
    count = harms = 0
    for line in sys.stdin:
        count += 1
        case = json.loads(line)
        try:
            why = harm(case)
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
        if why:
            harms += 1
            if harms <= 20:
                text = "".join(run["text"] for run in case["runs"])
                print(ascii(f"{case['platform']}: {why}: {text[:80]}"))
    print(f"{count} read, {harms} harms")


main()
