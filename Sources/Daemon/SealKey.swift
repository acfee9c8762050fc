import Foundation
import Platforms

/// The key of what is locked in the ledger: a file beside it that no backup takes along.
enum SealKey {
  static func file(in state: String) -> String { state + "/ephemeral.key" }

  /// The key that is there, or a new one.
  /// - Throws: a line that says what to do where it can neither be read nor kept.
  static func load(in state: String, chance: any Chance) throws(SmallFile.Problem) -> Seal {
    let path = file(in: state)
    if access(path, F_OK) == 0 {
      let content = try SmallFile.content(of: path, bytesMax: Seal.keyBytes)
      guard content.mode & 0o077 == 0, let seal = Seal(key: Data(content.bytes)) else {
        throw .init(text: "\(path) is no key, or others may read it: remove it")
      }
      return seal
    }
    let key = Data((0..<Seal.keyBytes).map { _ in UInt8(truncatingIfNeeded: chance.next() >> 24) })
    guard let seal = Seal(key: key), write(key, to: path) else {
      throw .init(text: "\(path) cannot be written: check the owner of the folder and the disk")
    }
    return seal
  }

  /// Under another name until it is whole: half a key would be none.
  private static func write(_ key: Data, to path: String) -> Bool {
    let part = path + ".part"
    let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard (try? handle.write(contentsOf: key)) != nil, (try? handle.synchronize()) != nil else {
      return false
    }
    return rename(part, path) == 0
  }
}
