import Foundation

/// A JSON value. The sandbox speaks it on both sides, so shapes are written where they are said.
enum JSON: Codable, Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// What it is told by trying; what is frequent is tried first.
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let int = try? value.decode(Int64.self) {
      self = .int(int)
    } else if let object = try? value.decode([String: JSON].self) {
      self = .object(object)
    } else if let array = try? value.decode([JSON].self) {
      self = .array(array)
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if value.decodeNil() {
      self = .null
    } else {
      self = .double(try value.decode(Double.self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let bool): try value.encode(bool)
    case .int(let int): try value.encode(int)
    case .double(let double): try value.encode(double)
    case .string(let string): try value.encode(string)
    case .array(let array): try value.encode(array)
    case .object(let object): try value.encode(object)
    }
  }

  /// Nil for what is not JSON.
  init?(parsing text: some DataProtocol) {
    guard let value = try? JSONDecoder().decode(JSON.self, from: Data(text)) else { return nil }
    self = value
  }

  var data: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)) ?? Data("null".utf8)
  }

  subscript(key: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  var string: String? {
    guard case .string(let string) = self else { return nil }
    return string
  }

  var int: Int64? {
    guard case .int(let int) = self else { return nil }
    return int
  }

  var array: [JSON]? {
    guard case .array(let array) = self else { return nil }
    return array
  }

  /// An object without the fields that have no value.
  static func fields(_ fields: KeyValuePairs<String, JSON?>) -> JSON {
    .object(
      Dictionary(
        fields.compactMap { field in field.value.map { (field.key, $0) } },
        uniquingKeysWith: { _, last in last }))
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  init(stringLiteral value: String) { self = .string(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
}
