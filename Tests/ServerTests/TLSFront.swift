import Foundation
import Outside
import Synchronization

/// TLS in front of a plain server, by Python's ssl module, with a certificate that can be changed
/// while it runs; it says how much it could decrypt.
final class TLSFront: Sendable {
  enum Certificate: String, CaseIterable { case good, expired, selfsigned, wronghost, stranger }

  let port: Int
  let caFile: String
  private let input: FileHandle
  private let output: Mutex<FileHandle>
  private let process: Int32

  init(to upstream: Int) async throws {
    let certificates = try Certificates.shared.get()
    caFile = certificates.path("ca.pem")
    let server = Process()
    let (input, output) = (Pipe(), Pipe())
    server.executableURL = URL(filePath: "/usr/bin/env")
    server.arguments = [
      "python3", "-W", "ignore", "-c", Self.script, certificates.folder.path, "\(upstream)",
    ]
    server.standardInput = input
    server.standardOutput = output
    try server.run()
    process = server.processIdentifier
    self.input = input.fileHandleForWriting
    self.output = Mutex(output.fileHandleForReading)
    guard let port = Int(Self.line(output.fileHandleForReading)) else {
      throw Synapse.Fault("no TLS server")
    }
    self.port = port
  }

  /// From now on shows this one; connections of before are ended.
  func show(_ certificate: Certificate) throws { _ = try ask(certificate.rawValue) }

  /// How many handshakes were tried and how many bytes were decrypted since the last `show`.
  func heard() throws -> (tries: Int, bytes: Int) {
    let words = try ask("heard").split(separator: " ").compactMap { Int($0) }
    guard words.count == 2 else { throw Synapse.Fault("the TLS server is gone") }
    return (words[0], words[1])
  }

  func stop() { kill(process, SIGKILL) }

  private func ask(_ word: String) throws -> String {
    try output.withLock { output in
      try input.write(contentsOf: Data((word + "\n").utf8))
      return Self.line(output)
    }
  }

  private static func line(_ handle: FileHandle) -> String {
    var line = Data()
    while let byte = try? handle.read(upToCount: 1), byte != Data([10]) { line += byte }
    return String(decoding: line, as: UTF8.self)
  }

  private static let script = """
    import os, socket, ssl, sys, threading
    folder, upstream = sys.argv[1], int(sys.argv[2])
    shown, tries, heard, peers, lock = "good", 0, 0, set(), threading.Lock()
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def pump(source, target, name=None):
        global heard
        try:
            while piece := source.recv(65536):
                with lock:
                    # What comes over a connection of before is cut, and is not for this one.
                    heard += len(piece) if name == shown else 0
                target.sendall(piece)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve(peer, name):
        global tries
        tries += 1
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
        try:
            peer = context.wrap_socket(peer, server_side=True)
            server = socket.create_connection(("127.0.0.1", upstream))
        except OSError:
            return peer.close()
        with lock:
            # One whose handshake was under way when the certificate changed is of before, too.
            if name != shown:
                return peer.close(), server.close()
            peers.add(peer)
        threading.Thread(target=pump, args=(server, peer), daemon=True).start()
        pump(peer, server, name)
        with lock:
            peers.discard(peer)

    def accept():
        while True:
            peer, _ = listener.accept()
            threading.Thread(target=serve, args=(peer, shown), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    for line in sys.stdin:
        if line.strip() == "heard":
            print(tries, heard, flush=True)
        else:
            with lock:
                shown, tries, heard = line.strip(), 0, 0
                for peer in peers:
                    try:
                        peer.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
            print("ok", flush=True)
    """
}
