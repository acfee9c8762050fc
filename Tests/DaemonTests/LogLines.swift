import Logging
import Synchronization

/// What was logged, a line each: level, message, and the metadata by name.
final class LogLines: Sendable {
  private let list = Mutex<[String]>([])
  var all: [String] { list.withLock { $0 } }
  var handler: any LogHandler { Handler(lines: self) }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let more = (event.metadata ?? [:]).sorted { $0.key < $1.key }
        .map { " \($0.key)=\(Self.shown($0.value))" }.joined()
      lines.list.withLock { $0.append("\(event.level) \(event.message)\(more)") }
    }

    private static func shown(_ value: Logger.Metadata.Value) -> String {
      guard case .dictionary(let values) = value else { return "\(value)" }
      return "[" + values.map { "\($0.key): \($0.value)" }.sorted().joined(separator: ", ") + "]"
    }
  }
}
