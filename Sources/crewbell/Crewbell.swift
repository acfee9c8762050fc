import ArgumentParser
import Daemon
import Foundation

/// Where the process begins: on its first thread, before the runtime asks for a second one.
@main
enum Entry {
  @MainActor static func main() async {
    do {
      try Threads.check()
    } catch {
      complain("crewbell: \(error)")
      exit(Failures.exitCode(for: error))
    }
    await Crewbell.main()
  }
}

struct Crewbell: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crewbell",
    abstract: "Rings when something in a team is nobody's or has gone quiet.",
    subcommands: [
      Run.self, CheckConfig.self, DoctorCommand.self, Simulate.self, Replay.self, Backup.self,
      Demo.self,
    ])
}

/// What every command that reads the config takes.
struct ConfigOption: ParsableArguments {
  @Option(help: "The config file.")
  var config = "config/crewbell.yaml"

  var program: Program {
    Program(configPath: config, environment: ProcessInfo.processInfo.environment)
  }
}

/// Ends with the config's own exit code and its faults, a line each.
func orConfigFault<Value>(_ body: () throws(FileFaults) -> Value) throws -> Value {
  do {
    return try body()
  } catch {
    complain(error.description)
    throw ExitCode(Config.exitCode)
  }
}

func complain(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the daemon.")
  @OptionGroup var option: ConfigOption
  @Flag(name: .customLong("init"), help: "Begin anew where the old state is gone.")
  var initialise = false

  func run() async throws {
    do {
      try await option.program.run(allowCreate: initialise)
    } catch let faults as FileFaults {
      complain(faults.description)
      throw ExitCode(Config.exitCode)
    } catch let failure where !(failure is ExitCode) {
      complain("crewbell: \(failure)")
      throw ExitCode(Failures.exitCode(for: failure))
    }
  }
}

struct CheckConfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read the config and say what is wrong with it, or what it means.")
  @OptionGroup var option: ConfigOption

  func run() throws {
    let loaded = try orConfigFault { () throws(FileFaults) in try option.program.load() }
    for line in loaded.config.summary { print(line) }
  }
}

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Try each account and say what is wrong.")
  @OptionGroup var option: ConfigOption

  func run() async throws {
    let loaded = try orConfigFault { () throws(FileFaults) in
      let loaded = try option.program.load()
      try loaded.config.requireAccounts()
      return loaded
    }
    let findings = try await Doctor.examine(option.program, loaded)
    for finding in findings { print(finding.isWell ? "✓" : "✗", finding.line) }
    if findings.contains(where: { !$0.isWell }) { throw ExitCode.failure }
  }
}

struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print every post that would go out if nobody wrote anything.")
  @OptionGroup var option: ConfigOption
  @Option(help: "How many days to look ahead.")
  var days = 7

  func validate() throws {
    guard (1...366).contains(days) else {
      throw ValidationError("--days takes 1 to 366, e.g. --days 7")
    }
  }

  func run() async throws {
    let loaded = try orConfigFault { () throws(FileFaults) in try option.program.load() }
    let forecast = try await Forecast.make(option.program, loaded, days: days)
    for line in forecast { print(line) }
  }
}

struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy the state to a file that can be put back, while the daemon runs.",
    discussion: """
      To put it back: stop crewbell, move crewbell.db, crewbell.db-wal and crewbell.db-shm of the
      state folder away, copy the backup there as crewbell.db, start crewbell. It says in each room
      what it does not repeat. Use only files that this command made: a plain copy does not know
      that it is one, so what was said since would be said again.
      """)
  @OptionGroup var option: ConfigOption
  @Argument(help: "The file to make; none of that name may be there.")
  var file: String

  func run() async throws {
    let loaded = try orConfigFault { () throws(FileFaults) in try option.program.load() }
    do {
      let events = try await option.program.backup(loaded.config, to: file)
      print("\(file): \(events) events, every one as it was written (hash chain)")
    } catch {
      complain("crewbell: \(error)")
      throw ExitCode(Failures.exitCode(for: error))
    }
  }
}

struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rebuild every team from its events and prove that it comes out the same.")
  @OptionGroup var option: ConfigOption

  func run() async throws {
    let loaded = try orConfigFault { () throws(FileFaults) in try option.program.load() }
    let proof = try await Proof.make(option.program, loaded)
    for line in proof.lines { print(line) }
    guard proof.unequal.isEmpty else { throw ExitCode.failure }
  }
}
