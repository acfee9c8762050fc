import Crew

/// What a server that mentions people by name said of one of them, kept in a cursor.
struct KnownPerson: Codable, Equatable {
  var id: String
  var username: String
  /// For show.
  var name: String
  var kind: SenderKind
  /// By the server's clock, in seconds.
  var at: Int64?

  /// A name may be somebody else's after ten minutes, an account's own after an hour.
  func isFresh(_ now: Int64?, asName: Bool) -> Bool {
    guard let at, let now else { return true }
    return now - at < (asName ? 600 : 3600)
  }
}
