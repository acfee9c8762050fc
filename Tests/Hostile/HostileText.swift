/// What people write by mistake, in fun or in malice. Every encoder, parser and log meets it all.
public enum HostileText {
  public static let all =
    pings + links + formats + commands + letters + programs + lengths

  /// Words that ring phones somewhere.
  static let pings = [
    "@room", "@everyone", "@here", "@all", "@channel", "@admin", "@ana:hs.example",
    "<!channel>", "<!everyone>", "<!here>", "<!subteam^S123>", "<@U123>", "<@&1>", "<@!2>",
    "@**all**", "@**everyone**", "@*group*", "@**Name|12**", "@_**Name|12**",
    "<users/all>", "@[Ana](user:1)", "＠room", "@\u{200D}admin", "@\u{202E}admin",
    "@\u{2028}admin", "@\radmin", "@\u{30A}admin", "\u{30A}@admin", "क\u{93E}@admin", "Ⓐ@admin",
    "x@admin.example", "é@admin", "½@admin", "+@admin", "@@admin", "_@admin", "👍@admin",
    "e\u{301}@admin", "@a", "@ab", "@" + String(repeating: "a", count: 33), "@admin\u{301}",
  ]

  /// A link, or something that hides where it leads.
  static let links = [
    "<https://evil.example|https://github.com/ok>", "[text](https://evil.example)",
    "[a](javascript:alert(1))", "![x](http://169.254.169.254/a.png)", "<#C1>", "~town-square",
    "<a href=\"https://matrix.to/#/@admin:hs\">Ann</a>", "https://matrix.to/#/@admin:hs",
    "</b><a href=\"tg://user?id=1\">x</a>", "tg://user?id=1", "[x][1]\n\n[1]: https://evil.example",
    "\"><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<mx-reply>x</mx-reply>",
    "&lt;b&gt;", "&#60;b&#62;", "&amp;amp;", "&nbsp;&", "<!-- x -->", "<![CDATA[x]]>", "a<b>c",
    "</strong></code></pre>", "<br>", "\u{FF1C}b\u{FF1E}", "#channel", "mailto:a@b.example",
    "<https://evil.example>", "[@Ana](matrix:u/ana:hs)", "$CASH #tag",
  ]

  static let formats = [
    "*bold* _it_ ~s~ `c` > q", "**bold** __it__ ~~s~~ ||spoiler||", "# H1\n## H2\n- a\n1. b",
    "```quote\nx\n```", "````\n```\n````", "$$\\def\\a{\\a\\a}\\a$$", "> quote\n>> more",
    "| a | b |\n|---|---|\n| c | d |", "_*[]()~`>#+-=|{}.!", "\\*not bold\\*", "***", "---",
    "    indented", "a  \nb", "\ta", "x\n\n\ny", " x ", "`", "``", "* a\n  * b", "\u{2800}",
    "*\u{301}x*\u{301}", "`\u{301}x`\u{301}", "_\u{301}x_\u{301}", "a\\", "1", ":smile", "1. x",
    "\r\n> q", ":smile:",
  ]

  /// What a bot, ours or another's, might take for a command.
  static let commands = [
    "/me", "/task add x", "!done 3", "/done@OtherBot 5", "a /done b", "(/done)", "//done", "/a/b",
    "/\u{202D}done", "/done\u{30A}", "</done>", "é/done", "½/done", "क\u{93E}/done", "\n/quit",
    "/" + String(repeating: "a", count: 65), "crewbell: done 3", "／done", "！done",
    "hi\r\nQUIT", "x\r\nBcc: a@b.example", "\u{1}ACTION waves\u{1}",
  ]

  /// Letters that turn, vanish, pile up or break a reader.
  static let letters = [
    "\u{202E}/gnp.exe", "\u{2066}x\u{2069}", "\u{2067}", "\u{2069}\u{2069}", "\u{200F}a\u{200E}",
    "a\u{0}b", "\u{0}", "a\u{1B}[2Jb", "a\rb", "a\r\r\n\r\nb", "\u{7F}\u{85}\u{9B}", "\u{FEFF}a",
    "\u{2028}x\u{2029}",
    "Аnn Il1O0", "caf\u{E9} cafe\u{301}", "\u{FFFD}", "\u{FFFE}\u{FFFF}\u{10FFFF}",
    "\u{E0001}\u{E0041}",
    "👩‍👩‍👧🏳️‍🌈🇩🇪🇩", "\u{1F468}\u{200D}", "\u{FE0F}\u{20E3}", "שלום @admin עולם", "مرحبا /done",
    "Z" + String(repeating: "\u{300}\u{333}\u{33F}", count: 200), "ﷺ", "\u{3000}x\u{3000}", "ｆｕｌｌ",
    "王芳，谢谢！", "İıſK", "\u{115F}\u{3164}", "\u{200B}\u{200C}\u{200D}\u{2060}", "\r\n\r\n",
  ]

  /// What other programs obey.
  static let programs = [
    "Robert'); DROP TABLE tasks;--", "%n%s%x%@", "${jndi:ldap://x}", "{{7*7}}", "%{..}", "\\(x)",
    "{what} {name} {0}", "$(reboot) `reboot`", "../../etc/passwd", "con", "a\nb: c",
    "ok\n2026-01-01",
    "(a+)+b", "{\"a\":1}", "\",\"x\":\"", "\\u0000", "\\", "\"", "'", "null", "-1", "1e999", "=1+1",
  ]

  /// Around the limits of length, in every unit, with a long character at the edge.
  static let lengths = [
    String(repeating: "a", count: 4095), String(repeating: "a", count: 4096) + "!",
    String(repeating: "a", count: 4093) + "👩‍👩‍👧👩‍👩‍👧", String(repeating: "😀", count: 2048) + "x",
    String(repeating: "&", count: 9000), String(repeating: "\\", count: 40_000),
    String(repeating: "\"<>&", count: 5000), String(repeating: "\n", count: 20_000),
    String(repeating: "@room /done ", count: 3000), String(repeating: "王", count: 12_000),
    String(repeating: "line\n", count: 9000), "e" + String(repeating: "\u{301}", count: 20_000),
    String(repeating: "\u{1}", count: 9000), String(repeating: "👍🏽", count: 5000),
  ]
}
