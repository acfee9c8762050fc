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
