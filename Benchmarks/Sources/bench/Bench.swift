import Foundation

/// `bench NAME …` measures one thing and prints a line of JSON for each row of the table;
/// `Benchmarks/run.py` calls it.
@main
struct Bench {
  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case "apply": try await Applying.measure()
    case "drain": try await Draining.measure()
    case "due": Dueing.measure()
    case "polls": try await Polls.measure(url: arguments[1])
    case "bare-polls": Polls.measureBare(url: arguments[1])
    case "bots":
      try await Bots.measure(
        crewbell: arguments[1], python: arguments[2], echo: arguments[3], bare: arguments[4])
    case "grow": try await Growing.grow(arguments[1], events: Int(arguments[2]) ?? 0)
    default:
      FileHandle.standardError.write(
        Data("bench apply|drain|due|polls|bare-polls|bots|grow\n".utf8))
      exit(64)
    }
  }
}

/// One row of the table: `ratio` is what counts, `figures` is what it was made of.
func row(_ name: String, _ ratio: Double, _ figures: String) {
  let line = #"{"name": "\#(name)", "ratio": \#(ratio), "figures": "\#(figures)"}"#
  FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

func seconds(_ body: () async throws -> Void) async rethrows -> Double {
  let begun = ContinuousClock.now
  try await body()
  return (ContinuousClock.now - begun).seconds
}

extension Duration {
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }
}

extension [Double] {
  /// The value below which this part of all lie.
  func quantile(_ part: Double) -> Double {
    let sorted = sorted()
    return sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * part))]
  }
  var median: Double { quantile(0.5) }
}

extension Double {
  func shown(_ digits: Int = 2) -> String { String(format: "%.\(digits)f", self) }
}
