import Foundation
import Hostile

// libFuzzer's own entry (FuzzerDriver.cpp). It parses its options, runs, and ends the process.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The same under the name that libFuzzer's `main` would call, were it used.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Run.current.one(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// What one process counts: how many inputs, and the slowest of them. What counts is the CPU time
/// of the product's own code (`Meter`), because the machine may have other things to do.
struct Run {
  /// No input may take longer.
  static let millisecondsMax = 10.0
  nonisolated(unsafe) static var current = Run()

  private var target = FuzzTarget.all[0]
  private var count = 0
  private var slowest = 0.0
  private var slowestBytes: [UInt8] = []

  mutating func start(_ target: FuzzTarget) {
    self.target = target
    // What is made once is not counted to the first input.
    try? target.run([])
    atexit { Run.current.report() }
  }

  mutating func one(_ bytes: [UInt8]) {
    count += 1
    var time = measured(bytes)
    // Once may have been the machine: the best of five counts.
    if time > Self.millisecondsMax {
      for _ in 0..<4 { time = min(time, measured(bytes)) }
      if time > Self.millisecondsMax { stop("took \(time) ms", bytes) }
    }
    if time > slowest { (slowest, slowestBytes) = (time, bytes) }
  }

  private func measured(_ bytes: [UInt8]) -> Double {
    Meter.start()
    do {
      try target.run(bytes)
    } catch {
      stop("\(error)", bytes)
    }
    return Meter.milliseconds
  }

  private func stop(_ why: String, _ bytes: [UInt8]) -> Never {
    let shown = String(decoding: bytes, as: UTF8.self).debugDescription.prefix(2000)
    fatalError("\(target.name): \(why)\n\(shown)")
  }

  private func report() {
    let line =
      "fuzz \(target.name): \(count) executions, the slowest \(slowest) ms "
      + "(\(slowestBytes.count) bytes: "
      + "\(String(decoding: slowestBytes.prefix(300), as: UTF8.self).debugDescription))\n"
    FileHandle.standardError.write(Data(line.utf8))
  }
}

/// `FUZZ=command fuzz [options of libFuzzer] [corpus]`: the target stands in the environment,
/// because libFuzzer starts the program again with options of its own. `fuzz targets` names them
/// all, and `FUZZ=slack fuzz seeds <folder>` writes the first inputs of one.
@main struct Fuzz {
  static func main() throws {
    let names = FuzzTarget.all.map(\.name)
    let asked = CommandLine.arguments.dropFirst()
    if asked == ["targets"] {
      FileHandle.standardOutput.write(Data((names.joined(separator: " ") + "\n").utf8))
      exit(0)
    }
    let name = ProcessInfo.processInfo.environment["FUZZ"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
      FileHandle.standardError.write(Data("FUZZ takes one of \(names)\n".utf8))
      exit(64)
    }
    if asked.first == "seeds", let folder = asked.dropFirst().first {
      for (number, seed) in target.seeds.enumerated() {
        try Data(seed).write(to: URL(filePath: folder).appending(path: "seed-\(number)"))
      }
      exit(0)
    }
    Run.current.start(target)
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments) { testOneInput($0, $1) })
  }
}
