import Crew
import Logging

/// One JSON object a line, whatever the texts in it contain.
struct Logs: LogHandler {
  let label: String
  let output: LogOutput
  private var ownLevel: Logger.Level?
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(label: String, output: LogOutput) {
    self.label = label
    self.output = output
  }

  var logLevel: Logger.Level {
    get { ownLevel ?? output.level }
    set { ownLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let redactor = output.redactor
    var all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }
    all.merge(event.metadata ?? [:]) { $1 }
    if let error = event.error { all["error"] = "\(error)" }
    let more = all.sorted { $0.key < $1.key }
      .map { (redactor.redact($0.key), LogFields.Value($0.value, redactor, depth: 0)) }
    output.write(
      LogFields(
        level: event.level, label: label, message: redactor.redact("\(event.message)"),
        more: more))
  }
}

/// What stands in one line, secrets already taken out.
struct LogFields {
  indirect enum Value {
    case text(String)
    case list([Value])
    case table([(String, Value)])
  }

  /// journald cuts a line at 48 KiB (`LineMax=` of journald.conf(5)).
  static let lineBytesMax = 40 * 1024
  static let textScalarsMax = 4000
  static let depthMax = 4

  var level: Logger.Level
  var label: String
  var message: String
  var more: [(String, Value)] = []

  func json(at time: Instant?) -> String {
    var line = "{"
    if let time { line += "\"time\":\"\(time.iso8601)\"," }
    line += "\"level\":\"\(level.rawValue)\",\"logger\":\(Self.quoted(label))"
    line += ",\"message\":\(Self.quoted(message))"
    for (key, value) in more {
      // A name of our own stays ours: a second `level` would win in most readers.
      let name = ["time", "level", "logger", "message"].contains(key) ? key + "_" : key
      let field = ",\(Self.quoted(name)):\(value.json)"
      if line.utf8.count + field.utf8.count > Self.lineBytesMax { return line + ",\"cut\":true}" }
      line += field
    }
    return line + "}"
  }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars.prefix(textScalarsMax) {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case _ where scalar.isUnsafeToShow:
        let hex = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: max(0, 4 - hex.utf8.count)) + hex
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    let isCut = text.unicodeScalars.dropFirst(textScalarsMax).first != nil
    return quoted + (isCut ? "…\"" : "\"")
  }
}

extension LogFields.Value {
  init(_ value: Logger.Metadata.Value, _ redactor: Redactor, depth: Int) {
    if depth >= LogFields.depthMax {
      self = .text("…")
      return
    }
    switch value {
    case .string(let text): self = .text(redactor.redact(text))
    case .stringConvertible(let thing): self = .text(redactor.redact("\(thing)"))
    case .array(let values):
      self = .list(values.prefix(100).map { Self($0, redactor, depth: depth + 1) })
    case .dictionary(let values):
      self = .table(
        values.sorted { $0.key < $1.key }.prefix(100)
          .map { (redactor.redact($0.key), Self($0.value, redactor, depth: depth + 1)) })
    }
  }

  var json: String {
    switch self {
    case .text(let text): LogFields.quoted(text)
    case .list(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
    case .table(let fields):
      "{" + fields.map { "\(LogFields.quoted($0)):\($1.json)" }.joined(separator: ",") + "}"
    }
  }
}

extension Unicode.Scalar {
  /// Control characters, which move a terminal's cursor or begin a line, and the marks that turn
  /// the direction of the text behind them.
  var isUnsafeToShow: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069,
      0xFEFF:
      true
    default: false
    }
  }
}

extension Instant {
  /// `2026-11-23T09:30:00.000Z`.
  var iso8601: String {
    func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
    let days = Int((Double(seconds) / 86_400).rounded(.down))
    let second = seconds - Int64(days) * 86_400
    let thousandths = String(1000 + (milliseconds - seconds * 1000)).dropFirst()
    return "\(Day(number: days))T\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
      + ".\(thousandths)Z"
  }
}
