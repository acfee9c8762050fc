import Foundation

/// The arguments of a call, from its query and its body. Telegram takes each as text, and what is
/// an object or a list as JSON in text; in a JSON body it may also stand as it is.
struct Arguments {
  private var values: [String: JSON] = [:]

  init(query: String?, contentType: String, body: Data) throws {
    if let query { take(form: query) }
    let type = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    switch type {
    case "application/json": try take(json: body)
    case "application/x-www-form-urlencoded": take(form: String(decoding: body, as: UTF8.self))
    case "multipart/form-data": try take(multipart: body, contentType)
    default: break
    }
  }

  private mutating func take(json body: Data) throws {
    guard !body.isEmpty else { return }
    guard case .object(let object)? = JSON(parsing: body) else {
      throw APIError.badRequest("can't parse JSON object")
    }
    for (name, value) in object where value != .null { values[name] = value }
  }

  private mutating func take(form: String) {
    for pair in form.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.replacing("+", with: " ").removingPercentEncoding ?? String($0) }
      values[parts[0]] = .string(parts.count > 1 ? parts[1] : "")
    }
  }

  private mutating func take(multipart body: Data, _ contentType: String) throws {
    guard let start = contentType.range(of: "boundary=")?.upperBound else {
      throw APIError.badRequest("no boundary in the multipart body")
    }
    let boundary = contentType[start...].prefix { $0 != ";" }
      .trimmingCharacters(in: CharacterSet(charactersIn: "\" "))
    let text = String(decoding: body, as: UTF8.self)
    for part in text.components(separatedBy: "--\(boundary)") {
      guard let head = part.range(of: "\r\n\r\n"),
        let name = part[..<head.lowerBound].range(of: "name=\"")?.upperBound
      else { continue }
      let key = part[name...].prefix { $0 != "\"" }
      values[String(key)] = .string(String(part[head.upperBound...].dropLast()))
    }
  }

  /// Telegram passes over arguments that it does not know; here they are a mistake, because a
  /// misspelt one would pass unseen.
  func expectOnly(_ names: Set<String>) throws {
    if let odd = values.keys.filter({ !names.contains($0) }).min() {
      throw APIError.badRequest("the sandbox does not know the argument \"\(odd)\"")
    }
  }

  func text(_ name: String) -> String? {
    switch values[name] {
    case nil, .string(""): nil
    case .string(let text)?: text
    case .int(let number)?: "\(number)"
    case let value?: String(decoding: value.data, as: UTF8.self)
    }
  }

  func flag(_ name: String) throws -> Bool {
    switch text(name)?.lowercased() {
    case nil, "", "false", "0", "no", "n": return false
    case "true", "1", "yes", "y": return true
    default: throw APIError.badRequest("\(name) is not a Boolean")
    }
  }

  func int(_ name: String) throws -> Int64? {
    guard let text = text(name) else { return nil }
    guard let int = Int64(text) else { throw APIError.badRequest("\(name) is not an Integer") }
    return int
  }

  /// - Parameter complaint: what the server says of text that is not JSON of that shape.
  func list(_ name: String, _ complaint: String) throws -> [JSON]? {
    guard let value = try value(name, complaint) else { return nil }
    guard let list = value.array else { throw APIError.badRequest(complaint) }
    return list
  }

  func object(_ name: String, _ complaint: String) throws -> JSON? {
    guard let value = try value(name, complaint) else { return nil }
    guard case .object = value else { throw APIError.badRequest(complaint) }
    return value
  }

  /// As it stands, or read from its text.
  private func value(_ name: String, _ complaint: String) throws -> JSON? {
    switch values[name] {
    case nil, .string(""): return nil
    case .string(let text)?:
      guard let value = JSON(parsing: Data(text.utf8)) else {
        throw APIError.badRequest(complaint)
      }
      return value
    case let value?: return value
    }
  }
}
