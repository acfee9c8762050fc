import Foundation
import Outside
import Platforms
import Synchronization
import Testing

/// Python's ssl module as a server that takes one connection and says what it could decrypt.
final class TLSServer: Sendable {
  struct Report: Sendable, Equatable {
    var isShaken: Bool
    var text: String
  }

  let port: Int
  private let processIdentifier: Int32
  private let lines: LineReader

  /// Nil until the connection has ended.
  var report: Report? {
    let lines = lines.all
    guard lines.count > 1, let last = lines.last, last.hasPrefix("heard ") else { return nil }
    let bytes = Data(base64Encoded: String(last.dropFirst(6))) ?? Data()
    return Report(isShaken: lines.contains("shaken"), text: String(decoding: bytes, as: UTF8.self))
  }

  init(_ name: String, _ certificates: Certificates, options: [String] = []) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      ["python3", "-W", "ignore", "-c", Self.script]
      + [certificates.path(name + ".pem"), certificates.path(name + ".key")] + options
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    processIdentifier = process.processIdentifier
    lines = LineReader(output.fileHandleForReading)
    port = try #require(Int(lines.first()))
  }

  func stop() { kill(processIdentifier, SIGKILL) }

  private static let script = """
    import base64, socket, ssl, sys
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if "old" in sys.argv:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    peer, _ = listener.accept()
    heard = b""
    try:
        peer = context.wrap_socket(peer, server_side=True)
        print("shaken", flush=True)
        while not heard.endswith(b"hush") or b"\\r\\n\\r\\n" not in heard:
            piece = peer.recv(65536)
            if not piece:
                break
            heard += piece
        peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nwell")
    except OSError as error:
        print(type(error).__name__, flush=True)
    print("heard", base64.b64encode(heard).decode(), flush=True)
    """
}

/// Collects the lines of a pipe in a thread of its own.
final class LineReader: Sendable {
  private let lines = Mutex<[String]>([])
  private let hasFirst = DispatchSemaphore(value: 0)

  var all: [String] { lines.withLock { $0 } }

  init(_ handle: FileHandle) {
    Thread.detachNewThread { [self] in
      var rest = Data()
      while true {
        let piece = handle.availableData
        if piece.isEmpty { break }
        rest += piece
        while let end = rest.firstIndex(of: 10) {
          let line = String(decoding: rest[..<end], as: UTF8.self)
          rest = Data(rest[(end + 1)...])
          let count = lines.withLock { lines in
            lines.append(line)
            return lines.count
          }
          if count == 1 { hasFirst.signal() }
        }
      }
      hasFirst.signal()
    }
  }

  func first() -> String {
    hasFirst.wait()
    return all.first ?? ""
  }
}
