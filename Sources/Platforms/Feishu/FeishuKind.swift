extension PlatformKind {
  public static let feishu = PlatformKind(
    name: "feishu", title: "Feishu 飞书 / Lark",
    keys: [
      Key(
        "base_url", .server(standard: "https://open.feishu.cn"), isNeeded: false,
        example: "https://open.larksuite.com"),
      Key("app_id", .text, example: "cli_a1b2c3d4e5f6g7h8") {
        Feishu.isApp($0)
          ? nil : "`app_id` is the App ID of the app (凭证与基础信息), which begins with cli_"
      },
    ],
    secrets: [
      SecretKeys(
        ["secret_file"], isSecretItself: Feishu.isSecret,
        fault: {
          Feishu.isSecret($0)
            ? nil
            : "what stands in this file is no App Secret: put in the 32 letters and digits that "
              + "the console shows under 凭证与基础信息"
        })
    ],
    invite: Key("invite", .list, example: "ou_7d8a6e6df7621556ce0d21922b676706") {
      $0 == "*" || $0.hasPrefix("ou_") && Feishu.isID($0)
        ? nil
        : "`\($0)` is nobody: a person is written as their open id for this app, ou_…, because a "
          + "name can be taken over by somebody else; \"*\" is everybody"
    },
    sample: AccountSettings(
      account: "feishu",
      texts: ["base_url": "https://open.feishu.cn", "app_id": "cli_a1b2c3d4e5f6g7h8"],
      secrets: ["secret_file": .init(token: "dskLLdkasdjlasdKKdskLLdkasdjlasd")]),
    steps: [
      "在开发者后台 (open.feishu.cn/app, Lark: open.larksuite.com/app) 创建企业自建应用, and under "
        + "添加应用能力 turn on 机器人.",
      "权限管理: give it 获取与发送单聊、群组消息 (`im:message`), 获取群组中所有消息 (`im:message.group_msg`, "
        + "which an administrator must approve), 获取群组信息 (`im:chat:readonly`) and 发送、删除消息表情回复 "
        + "(`im:message.reactions:write_only`); then 创建版本 and have it published.",
      "Put the App ID into `app_id`, and the App Secret (凭证与基础信息), alone, into a file of mode "
        + "0600.",
      "Put the open ids of those who may bring it into a group into `invite`: the bot names the id "
        + "of whoever it refuses, and 开发者后台 → API 调试台 shows one's own.",
      "群设置 → 群机器人 → 添加机器人; then mention the bot there, as somebody on the list.",
    ],
    remarks: [
      "没有斜杠命令: people write `!task` or mention the bot.",
      changesUnread,
      "For Lark put `base_url: https://open.larksuite.com`.",
      "For words in Chinese from the start put `language: zh` under `defaults`; `team lang zh` "
        + "says it for one team.",
      "Who added a bot is told by name alone, and names are no ids: it begins when somebody on the "
        + "list mentions it, and stores nothing of other groups.",
      "No list tells a bot of its direct chats. It listens in those of the last hundred people who "
        + "wrote it a command in a group, were mentioned in one, or stand in `invite`.",
      "In a thread (话题) of an ordinary group it hears only how the thread begins.",
      "Groups are read in turn, all within five seconds where there are up to twenty-five.",
    ],
    mark: { $0["app_id"] },
    summary: { "\($0["app_id"]) at \($0["base_url"])" },
    make: { settings in
      Feishu(
        .init(
          account: settings.account, baseURL: settings["base_url"], app: settings["app_id"],
          secret: settings.secrets["secret_file"] ?? Credential(token: ""),
          invitersAllowed: settings.invite))
    })
}

extension Feishu {
  static func isApp(_ text: String) -> Bool { text.hasPrefix("cli_") && isID(text) }

  /// 32 letters and digits.
  static func isSecret(_ text: String) -> Bool {
    text.utf8.count == 32
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20)
      }
  }
}
