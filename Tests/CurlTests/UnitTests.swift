import Testing

@testable import Curl

@Suite struct LobbyTests {
  private final class Token {}

  @Test func `a host lets in a limited number and the urgent first`() {
    var lobby = Lobby<Int>()
    let tokens = (0..<Lobby<Int>.connectingMax + 3).map { _ in Token() }
    for (number, token) in tokens.enumerated() {
      lobby.enter(
        number, id: ObjectIdentifier(token), host: "a", isUrgent: number == tokens.count - 1)
    }
    var admitted: [Int] = []
    while let guest = lobby.next(at: "a") { admitted.append(guest) }
    #expect(admitted == [tokens.count - 1] + Array(0..<Lobby<Int>.connectingMax - 1))
    #expect(lobby.remove(ObjectIdentifier(tokens[63])) == 63)
    lobby.leave("a")
    #expect(lobby.next(at: "a") == 64)
    #expect(lobby.next(at: "a") == nil)
    #expect(!lobby.isEmpty)
  }

  @Test func `one host does not wait for another`() {
    var lobby = Lobby<Int>()
    let tokens = (0..<100).map { _ in Token() }
    for token in tokens { lobby.enter(1, id: ObjectIdentifier(token), host: "a", isUrgent: false) }
    while lobby.next(at: "a") != nil {}
    let other = Token()
    lobby.enter(2, id: ObjectIdentifier(other), host: "b", isUrgent: false)
    #expect(lobby.next(at: "b") == 2)
  }
}

@Suite struct ResponseHeadersTests {
  private func read(_ lines: [String]) -> [String: String] {
    var headers = ResponseHeaders()
    for line in lines {
      let isTaken = Array(line.utf8).withUnsafeBytes { headers.add($0) }
      #expect(isTaken)
    }
    return headers.values
  }

  @Test func `folded lines continue, trailers and nameless lines are passed over`() {
    let values = read([
      "HTTP/1.1 200 OK\r\n", "A: one\r\n", "\ttwo\r\n", "nameless\r\n", "B:\r\n", "\r\n",
      "A: trailer\r\n",
    ])
    #expect(values == ["a": "one two", "b": ""])
  }

  @Test func `bytes that are not UTF-8 do no harm`() {
    var headers = ResponseHeaders()
    let isTaken = ([0x41, 0x3a, 0xff, 0xfe] as [UInt8]).withUnsafeBytes { headers.add($0) }
    #expect(isTaken)
    #expect(headers.values == ["a": "\u{fffd}\u{fffd}"])
  }
}

@Suite struct PublicAddressTests {
  @Test(
    arguments: [
      [0, 0, 0, 0], [10, 0, 0, 1], [100, 64, 0, 1], [127, 0, 0, 1], [169, 254, 169, 254],
      [172, 16, 0, 1], [172, 31, 255, 255], [192, 0, 0, 1], [192, 168, 1, 1], [198, 18, 0, 1],
      [203, 0, 113, 1], [224, 0, 0, 1], [255, 255, 255, 255],
    ] as [[UInt8]]) func `addresses that are set aside are not public`(bytes: [UInt8])
  {
    #expect(!PublicAddress.isPublic(v4: bytes))
    let zeros = [UInt8](repeating: 0, count: 10)
    #expect(!PublicAddress.isPublic(v6: zeros + [255, 255] + bytes))
    #expect(!PublicAddress.isPublic(v6: zeros + [0, 0] + bytes))
    #expect(!PublicAddress.isPublic(v6: [0, 0x64, 0xFF, 0x9B] + zeros.prefix(8) + bytes))
    #expect(!PublicAddress.isPublic(v6: [0x20, 2] + bytes + zeros))
  }

  @Test func `the rest of the internet is`() {
    for bytes in [[8, 8, 8, 8], [172, 32, 0, 1], [100, 128, 0, 1], [223, 1, 1, 1]] as [[UInt8]] {
      #expect(PublicAddress.isPublic(v4: bytes))
    }
    let dns: [UInt8] = [0x20, 1, 0x48, 0x60, 0x48, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x88]
    #expect(PublicAddress.isPublic(v6: dns))
    for first: UInt8 in [0xFC, 0xFD, 0xFE, 0xFF, 0, 0x40] {
      #expect(!PublicAddress.isPublic(v6: [first] + dns.dropFirst()))
    }
    #expect(!PublicAddress.isPublic(v6: []) && !PublicAddress.isPublic(v4: [8]))
  }
}
