import Foundation

/// A token or password. Whatever prints it, by accident or by `dump`, prints `***`.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let text: String

  public init(_ text: String) { self.text = text }

  /// The thing itself, for a request to the platform that it belongs to and for nothing else.
  public func reveal() -> String { text }

  public var description: String { "***" }
  public var debugDescription: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Where secrets come from: a file each, never the config.
struct SecretFiles: Sendable {
  /// A token has some dozen bytes.
  static let bytesMax = 64 * 1024

  /// The folder of the config file.
  let folder: String
  /// `$CREDENTIALS_DIRECTORY`: where systemd puts what `LoadCredential=` names.
  let credentials: String?

  init(folder: String, environment: [String: String]) {
    self.folder = folder
    credentials = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The secret that `path` names, without the newline, BOM and spaces that editors leave.
  ///
  /// A relative path is a credential of systemd's where there is one of that name (`secrets/bot` is
  /// `secrets_bot` there, as `LoadCredential=secrets:/etc/crewbell/secrets` calls it); else it is
  /// beside the config file.
  ///
  /// - Parameter isDocument: whether it may have several lines.
  /// - Throws: what is wrong and what to do, without a byte of the secret.
  func read(_ path: String, isDocument: Bool = false) throws(SmallFile.Problem) -> Secret {
    let credential = path.hasPrefix("/") ? nil : credential(path)
    let place = credential ?? (path.hasPrefix("/") ? path : folder + "/" + path)
    let file = try SmallFile.content(of: place, bytesMax: Self.bytesMax)
    // systemd has chosen owner and mode of its own files so that only this service reads them.
    if credential == nil, file.mode & 0o077 != 0 {
      throw .init(text: "\(place) can be read by others: run `chmod 600 \(place)`")
    }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw .init(text: "\(place) is not text")
    }
    let secret = text.trimmingCharacters(in: Self.margin)
    if secret.isEmpty { throw .init(text: "\(place) is empty: write the secret into it") }
    // A line break in a header or a path would begin another.
    if !isDocument, secret.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
      throw .init(text: "\(place) has more than one line: it must hold the secret alone")
    }
    return Secret(secret)
  }

  private func credential(_ path: String) -> String? {
    guard let credentials else { return nil }
    let place = credentials + "/" + path.replacing("/", with: "_")
    return access(place, F_OK) == 0 ? place : nil
  }

  private static let margin = CharacterSet.whitespacesAndNewlines
    .union(CharacterSet(charactersIn: "\u{FEFF}\u{0}"))
}

/// Reads files that ought to be small, and only regular ones: a pipe or a device would be waited
/// for.
enum SmallFile {
  struct Problem: Error, Equatable {
    let text: String
  }

  struct Content {
    let bytes: [UInt8]
    /// Permission bits.
    let mode: mode_t
  }

  static func content(of path: String, bytesMax: Int) throws(Problem) -> Content {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else { throw Problem(text: "\(path) cannot be opened: \(reason(errno))") }
    defer { close(file) }
    // Asked of the open file, so that nobody can put another in its place in between.
    var about = stat()
    guard fstat(file, &about) == 0 else {
      throw Problem(text: "\(path) cannot be looked at: \(reason(errno))")
    }
    guard about.st_mode & S_IFMT == S_IFREG else {
      throw Problem(text: "\(path) is not a regular file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Problem(text: "\(path) cannot be read: \(reason(errno))")
      }
      if count == 0 { return Content(bytes: bytes, mode: about.st_mode & 0o7777) }
      bytes += chunk[..<count]
      guard bytes.count <= bytesMax else {
        throw Problem(text: "\(path) is longer than \(bytesMax / 1024) KiB")
      }
    }
  }

  private static func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
}
