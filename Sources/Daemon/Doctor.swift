import Crew
import Curl
import Foundation
import Platforms

/// Tries what the daemon will need and says, a line each, what is well and what is not.
public struct Doctor: Sendable {
  public struct Finding: Sendable, Equatable {
    public var isWell: Bool
    public var line: String

    public init(isWell: Bool, _ line: String) {
      self.isWell = isWell
      self.line = line
    }
  }

  /// A clock further off than this from a platform's `Date` makes reminders visibly late.
  static let clockSecondsMax = 120

  let network: any Network
  let clock: any Clock

  public init(network: any Network, clock: any Clock) {
    self.network = network
    self.clock = clock
  }

  /// Everything, for the accounts of a config.
  public static func examine(_ program: Program, _ loaded: Program.Loaded) async throws -> [Finding]
  {
    let network = try program.network(loaded.config)
    let doctor = Doctor(network: network, clock: SystemClock())
    var findings = [doctor.examine(stateFolder: loaded.config.state)]
    for account in loaded.accounts { findings += await doctor.examine(account) }
    findings += await doctor.examine(loaded.config.listener, loaded.accounts)
    await network.shutdown()
    return findings
  }

  /// Asks the platform who we are, with the real token; nothing is sent to any room.
  public func examine(_ account: Account) async -> [Finding] {
    func bad(_ why: String) -> [Finding] { [Finding(isWell: false, "\(account.name): \(why)")] }
    do {
      let credential = try await Credentials(network: network, clock: clock, folder: nil)
        .credential(for: account)
      let response = try await network.perform(account.platform.poll(after: nil, with: credential))
      let intake = try account.platform.read(response, after: nil)
      let well =
        account.platform.abilities.reads
        ? "answers and accepts the account"
        : "can be reached; nothing was posted, so whether it takes posts shows with the first one"
      var findings = [Finding(isWell: true, "\(account.name): \(well)")]
      findings += intake.remarks.map { Finding(isWell: true, "\(account.name): \($0)") }
      findings += intake.complaints.map { Finding(isWell: false, "\(account.name): \($0)") }
      if let finding = clockFinding(response, account.name) { findings.append(finding) }
      return findings
    } catch let failure as PollFailure {
      switch failure {
      case .refused(let why), .tokenExpired(let why), .retry(_, let why): return bad(why)
      }
    } catch let failure as NetworkFailure {
      return bad(Self.advice(failure))
    } catch {
      return bad("\(error)")
    }
  }

  private static func advice(_ failure: NetworkFailure) -> String {
    switch failure.kind {
    case .resolve: "\(failure): check the host's name in the config and this machine's DNS"
    case .connect: "\(failure): check the address, the port and the firewall for outgoing calls"
    case .tls: "\(failure): check the server's certificate, or `network.ca_file` in the config"
    default: failure.description
    }
  }

  private func clockFinding(_ response: HTTPResponse, _ account: String) -> Finding? {
    guard let text = response.headers["date"], let date = Self.httpDate(text) else { return nil }
    let ahead = clock.now().seconds - Int64(date.timeIntervalSince1970)
    guard abs(ahead) > Int64(Self.clockSecondsMax) else { return nil }
    return Finding(
      isWell: false,
      "this machine's clock is \(abs(ahead)) s \(ahead > 0 ? "ahead of" : "behind") \(account)'s: "
        + "set it (timedatectl set-ntp true)")
  }

  /// RFC 9110 §5.6.7, the one form that servers must send.
  static func httpDate(_ text: String) -> Date? {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.date(from: text)
  }

  /// The state folder must be there and take a file.
  public func examine(stateFolder: String) -> Finding {
    let probe = stateFolder + "/.doctor"
    do {
      try FileManager.default.createDirectory(
        atPath: stateFolder, withIntermediateDirectories: true)
      try Data("ok".utf8).write(to: URL(filePath: probe))
      try FileManager.default.removeItem(atPath: probe)
      return Finding(isWell: true, "state folder \(stateFolder) can be written")
    } catch {
      return Finding(
        isWell: false,
        "state folder \(stateFolder) cannot be written: check its owner and the disk")
    }
  }
}
