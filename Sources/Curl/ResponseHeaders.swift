/// Reads header lines as libcurl hands them out, one at a time.
struct ResponseHeaders {
  /// libcurl's own limit is about 300 KiB a response; no platform needs a tenth of this one.
  static let bytesMax = 64 * 1024

  private(set) var values: [String: String] = [:]
  /// Over all responses of a call: an endless row of `100 Continue` is a flood as well.
  private(set) var bytes = 0
  private var lastName: String?
  /// The empty line behind them has come.
  private(set) var isComplete = false

  /// False when the headers have grown beyond the limit.
  mutating func add(_ line: UnsafeRawBufferPointer) -> Bool {
    bytes += line.count
    guard bytes <= Self.bytesMax else { return false }
    if line.starts(with: "HTTP/".utf8) {
      // The final response follows an interim one (1xx) and takes its place.
      // Not before: a call that waits for its answer holds nothing for it.
      values = Dictionary(minimumCapacity: 12)
      lastName = nil
      isComplete = false
    } else if line.allSatisfy({ $0 == 13 || $0 == 10 }) {
      isComplete = true
    } else if !isComplete {
      // Lines after the empty one are trailers, which could rewrite what was already read.
      read(line)
    }
    return true
  }

  private mutating func read(_ line: UnsafeRawBufferPointer) {
    if let first = line.first, first == 32 || first == 9 {
      // A folded line continues the value above it, RFC 9112 section 5.2.
      if let lastName { values[lastName, default: ""] += " " + trimmed(line[...]) }
      return
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    let value = trimmed(line[(colon + 1)...])
    values[name] = values[name].map { $0 + ", " + value } ?? value
    lastName = name
  }

  private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    var rest = bytes.drop { isBlank($0) }
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return String(decoding: rest, as: UTF8.self)
  }

  private func isBlank(_ byte: UInt8) -> Bool { [32, 9, 13, 10].contains(byte) }
}
