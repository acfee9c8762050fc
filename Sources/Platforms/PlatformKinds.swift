extension PlatformKind {
  /// Every platform there is, in the order of the documents.
  public static let all: [PlatformKind] =
    [
      .matrix, .telegram, .zulip, .mattermost, .slack, .discord, .googleChat, .rocketchat,
      .feishu,
    ] + postingOnly

  /// Those that nothing is read from.
  static let postingOnly: [PlatformKind] = [
    .email, .webhook, .slackWebhook, .mattermostWebhook, .discordWebhook, .googleChatWebhook,
    .teamsWebhook, .dingTalkRobot, .weComRobot, .feishuRobot,
  ]
}
