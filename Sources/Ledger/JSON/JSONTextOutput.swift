/// JSON in the making: one buffer, and what is open in it.
///
/// A container that was handed out has no end of its own. It ends when the one around it goes on,
/// or when the value that it belongs to is written; whatever is put into it after that is a fault.
struct JSONTextOutput {
  enum Kind { case object, list }

  /// As Foundation has it, which would refuse to read what is deeper.
  static let depthMax = 512

  /// An object or a list that is being written.
  struct Place {
    let depth: Int
    let serial: Int
  }

  private struct Frame {
    var kind: Kind
    var serial: Int
    /// Where its bracket stands.
    var start: Int
    /// Its first one among `members`; those of what is open within stand behind its own.
    var firstMember: Int
    var count = 0
  }

  private struct Member {
    var key: String
    /// Where the key stands.
    var start: Int
  }

  var bytes: [UInt8] = []
  private var frames: [Frame] = []
  private var members: [Member] = []
  private var lastSerial = 0
  private var isMisused = false

  init() { bytes.reserveCapacity(512) }

  /// - Throws: where something was written into a container after its end.
  func text() throws -> String {
    guard !isMisused else { throw JSONTextFault.order }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A value that asks twice goes on with the same one.
  mutating func open(_ kind: Kind, depth: Int) -> Place {
    if frames.count == depth {
      lastSerial += 1
      frames.append(
        Frame(
          kind: kind, serial: lastSerial, start: bytes.count, firstMember: members.count))
      bytes.append(kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }
    guard depth < frames.count, frames[depth].kind == kind else {
      isMisused = true
      return Place(depth: depth, serial: 0)
    }
    return Place(depth: depth, serial: frames[depth].serial)
  }

  func count(in place: Place) -> Int {
    isOpen(place) ? frames[place.depth].count : 0
  }

  private func isOpen(_ place: Place) -> Bool {
    place.depth < frames.count && frames[place.depth].serial == place.serial
  }

  /// Goes on in an open container; the value comes next.
  mutating func next(in place: Place, key: String?) {
    guard isOpen(place) else {
      isMisused = true
      return
    }
    close(downTo: place.depth + 1)
    if frames[place.depth].count > 0 { bytes.append(UInt8(ascii: ",")) }
    frames[place.depth].count += 1
    guard let key else { return }
    members.append(Member(key: key, start: bytes.count))
    key.write(to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  mutating func addNull(in place: Place, key: String?) {
    next(in: place, key: key)
    addNull()
  }

  mutating func addNull() { bytes += "null".utf8 }

  mutating func add(_ value: some JSONTextValue, in place: Place, key: String?) throws {
    next(in: place, key: key)
    try value.write(to: &bytes)
  }

  mutating func add(_ value: some JSONTextValue) throws { try value.write(to: &bytes) }

  /// A value is written, the first byte of which stands at `start`.
  mutating func end(depth: Int, start: Int) {
    close(downTo: depth)
    // A value without any fields may not even ask for a container.
    if bytes.count == start { bytes += "{}".utf8 }
  }

  private mutating func close(downTo depth: Int) {
    while frames.count > depth, let frame = frames.popLast() {
      if frame.kind == .object { sort(frame) }
      members.removeLast(members.count - frame.firstMember)
      bytes.append(frame.kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    }
  }

  /// Puts the members of an object into the order of their keys' bytes.
  private mutating func sort(_ frame: Frame) {
    let own = members[frame.firstMember...]
    let isSorted = zip(own, own.dropFirst()).allSatisfy { Self.precedes($0.key, $1.key) }
    guard !isSorted else { return }
    let written = bytes[frame.start...]
    // Each ends before the comma of the next one.
    let ends = own.dropFirst().map { $0.start - 1 } + [written.endIndex]
    let sorted = zip(own, ends).sorted { Self.precedes($0.0.key, $1.0.key) }
    bytes.removeLast(written.count - 1)
    for (number, (member, end)) in sorted.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += written[member.start..<end]
    }
  }

  private static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }
}

enum JSONTextFault: Error, Equatable {
  /// A container was written to after its end.
  case order
  case tooDeep
  /// JSON has no such number.
  case notANumber
  /// It is no JSON, from this byte on.
  case damaged(at: Int)
  /// It holds something other than what was asked for.
  case mismatch(String)
  case missing(key: String)
}
