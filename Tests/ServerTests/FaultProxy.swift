import Foundation
import Glibc
import Synchronization

/// A proxy on 127.0.0.1 that does to a request, or to its answer, what a test asks for; everything
/// else it hands on. One thread a connection, one request after the other.
final class FaultProxy: Sendable {
  enum Fault: Sendable, Equatable {
    /// The server has the request, and the client so many bytes of the answer when the connection
    /// ends.
    case cutAnswer(after: Int)
    /// The same, ended by a reset.
    case resetAnswer(after: Int)
    /// The server has so many bytes of the request when both connections end.
    case cutRequest(after: Int)
    /// So many bytes of the answer, then an end of one direction alone.
    case halfClose(after: Int)
    /// The answer byte by byte.
    case dribble(milliseconds: UInt32)
    /// The server has the request twice, the client the first answer.
    case duplicate
    /// Nobody answers; the server has nothing.
    case hold
    /// Nobody answers; the server has it all.
    case holdAnswer
    case delay(milliseconds: UInt32)
    /// An answer in the server's place, which has nothing.
    case answer(String)
    /// A body, or a row of headers, without end in the server's place.
    case endlessBody, endlessHeaders
  }

  private struct Rule {
    let word: String
    let fault: Fault
    var times: Int
    let isForNew: Bool
  }

  private struct State {
    var rules: [Rule] = []
    var open: Set<FaultSocket> = []
    var listener: FaultSocket?
    var lines: Set<String> = []
    var befallen = 0
    var answerBytes: [String: Int] = [:]
  }

  let port: UInt16
  private let upstream: UInt16
  private let state = Mutex(State())

  var url: String { "http://127.0.0.1:\(port)" }
  /// How many requests something was done to.
  var befallen: Int { state.withLock { $0.befallen } }
  /// How long the last answer was that was handed on whole, to a request whose first line holds
  /// `word`.
  func answerBytes(of word: String) -> Int {
    state.withLock { $0.answerBytes.first { $0.key.contains(word) }?.value ?? 0 }
  }

  init(to upstream: Int) throws {
    self.upstream = UInt16(upstream)
    let (listener, port) = try FaultSocket.listening()
    self.port = port
    listen(listener)
  }

  private func listen(_ listener: FaultSocket) {
    state.withLock { $0.listener = listener }
    Thread.detachNewThread { [self] in
      while let client = listener.accepted() {
        state.withLock { _ = $0.open.insert(client) }
        Thread.detachNewThread { [self] in serve(client) }
      }
    }
  }

  /// The next requests whose first line holds `word` meet this.
  /// - Parameter isForNew: spares those whose first line has been here before, as it has where a
  ///   request is tried again under the same key.
  func befall(_ fault: Fault, _ word: String, times: Int = 1, isForNew: Bool = false) {
    state.withLock {
      $0.rules.append(Rule(word: word, fault: fault, times: times, isForNew: isForNew))
    }
  }

  /// From now on everything is handed on.
  func calm() { state.withLock { $0.rules = [] } }

  /// Nobody is here any more: connections end, new ones are refused.
  func leave() {
    state.withLock { state in
      state.listener?.close()
      state.listener = nil
      for socket in state.open { socket.wake() }
    }
  }

  func comeBack() throws { listen(try FaultSocket.listening(on: port).0) }

  private func next(_ line: String) -> Fault? {
    state.withLock { state in
      let isNew = state.lines.insert(line).inserted
      let place = state.rules.firstIndex {
        $0.times > 0 && line.contains($0.word) && (isNew || !$0.isForNew)
      }
      guard let place else { return nil }
      state.rules[place].times -= 1
      state.befallen += 1
      return state.rules[place].fault
    }
  }

  private func serve(_ client: FaultSocket) {
    var isReset = false
    while !isReset, let request = FaultMessage(isAnswer: false, client.read) {
      let fault = next(request.firstLine)
      switch act(fault, request, client) {
      case .goesOn: continue
      case .ends: break
      case .resets: isReset = true
      }
      break
    }
    state.withLock { _ = $0.open.remove(client) }
    if isReset { client.reset() } else { client.close() }
  }

  private enum Then { case goesOn, ends, resets }

  private func act(_ fault: Fault?, _ request: FaultMessage, _ client: FaultSocket) -> Then {
    switch fault {
    case .hold:
      client.waitForEnd()
      return .ends
    case .answer(let text):
      client.write(text.utf8)
      return .ends
    case .endlessBody, .endlessHeaders:
      flood(client, isBody: fault == .endlessBody)
      return .ends
    case .cutRequest(let count):
      if let server = FaultSocket.connected(to: upstream) {
        server.write(request.bytes.prefix(count))
        server.close()
      }
      return .ends
    case .delay(let milliseconds): usleep(milliseconds * 1000)
    case .duplicate: _ = exchange(request, client)
    default: break
    }
    guard let answer = exchange(request, client) else { return .ends }
    state.withLock { $0.answerBytes[request.firstLine] = answer.bytes.count }
    return hand(answer.bytes, to: client, fault)
  }

  private func hand(_ answer: [UInt8], to client: FaultSocket, _ fault: Fault?) -> Then {
    switch fault {
    case .cutAnswer(let count):
      client.write(answer.prefix(count))
      return .ends
    case .resetAnswer(let count):
      client.write(answer.prefix(count))
      return .resets
    case .halfClose(let count):
      client.write(answer.prefix(count))
      client.endWriting()
      client.waitForEnd()
      return .ends
    case .holdAnswer:
      client.waitForEnd()
      return .ends
    case .dribble(let milliseconds):
      for byte in answer {
        guard client.write([byte]) else { return .ends }
        usleep(milliseconds * 1000)
      }
      return .goesOn
    default:
      return client.write(answer) ? .goesOn : .ends
    }
  }

  private func flood(_ client: FaultSocket, isBody: Bool) {
    client.write("HTTP/1.1 200 OK\r\n\(isBody ? "\r\n" : "")".utf8)
    let piece = Array(String(repeating: "X-Flood: 0123456789\r\n", count: 500).utf8)
    while client.write(piece) {}
  }

  /// The server's answer to a request; nil when it gives none or the client is gone.
  private func exchange(_ request: FaultMessage, _ client: FaultSocket) -> FaultMessage? {
    guard let server = FaultSocket.connected(to: upstream) else { return nil }
    state.withLock { _ = $0.open.insert(server) }
    defer {
      state.withLock { _ = $0.open.remove(server) }
      server.close()
    }
    guard server.write(request.bytes) else { return nil }
    return FaultMessage(isAnswer: true) {
      server.isReadable(while: client) ? server.read() : []
    }
  }
}
