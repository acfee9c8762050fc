import Foundation

/// Keys and certificates made by `openssl`, once for all tests, in a folder of their own.
public struct Certificates: Sendable {
  public let folder: URL

  public static let shared = Result { try Certificates() }

  public func path(_ name: String) -> String { folder.appending(path: name).path }

  private init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "crewbell-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let script = """
      set -e
      new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
      ca() { openssl req -x509 $new -keyout $1.key -out $1.pem -days 2 -subj "/CN=$1"; }
      leaf() { # name, authority, subjectAltName, days
        openssl req $new -keyout $1.key -out $1.csr -subj "/CN=$1"
        echo "subjectAltName=$3" > $1.ext
        openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days $4 \
          -extfile $1.ext -out $1.pem
      }
      ca ca
      ca otherca
      leaf good ca IP:127.0.0.1 2
      leaf expired ca IP:127.0.0.1 -1
      leaf wronghost ca DNS:chat.example 2
      leaf stranger otherca IP:127.0.0.1 2
      openssl req -x509 $new -keyout selfsigned.key -out selfsigned.pem -days 2 \
        -subj /CN=selfsigned -addext subjectAltName=IP:127.0.0.1
      """
    let made = try Program.run(["/bin/sh", "-c", script], in: folder)
    guard made.status == 0 else { throw Program.Failure(description: made.text) }
  }
}
