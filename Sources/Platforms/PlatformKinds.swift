extension PlatformKind {
  /// Every platform there is, in the order of the documents.
  public static let all: [PlatformKind] = [.matrix, .telegram, .zulip, .mattermost, .slack]
}
