/// An answer that the next calls get in place of a good one.
public struct Fault: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    /// 429 with this `retry_after`; nothing is done.
    case tooMany(retryAfterSeconds: Int)
    /// This status with a body that is no JSON; nothing is done.
    case broken(status: Int)
    /// The call is carried out, and then answered like that: its sender cannot know.
    case lostAnswer(status: Int)
    /// An error of the Bot API.
    case error(code: Int, description: String)
  }

  public var kind: Kind
  /// The method whose calls fail; nil for any.
  public var method: String?
  public var times: Int

  public init(_ kind: Kind, method: String? = nil, times: Int = 1) {
    self.kind = kind
    self.method = method
    self.times = times
  }
}

extension World {
  func inject(_ fault: Fault) { faults.append(fault) }

  /// The fault that befalls this call, used up by it.
  func fault(of method: String) -> Fault.Kind? {
    guard
      let number = faults.firstIndex(where: {
        ($0.method == nil || $0.method?.lowercased() == method.lowercased()) && $0.times > 0
      })
    else { return nil }
    faults[number].times -= 1
    return faults[number].kind
  }
}

/// A refusal in the words of Telegram's own server.
struct APIError: Error, Equatable {
  var code: Int
  var description: String
  var parameters: [String: Int64] = [:]

  init(_ code: Int, _ description: String, _ parameters: [String: Int64] = [:]) {
    self.code = code
    self.description = description
    self.parameters = parameters
  }

  static func badRequest(_ description: String) -> APIError {
    APIError(400, "Bad Request: \(description)")
  }

  var json: JSON {
    .fields([
      "ok": false, "error_code": .int(Int64(code)), "description": .string(description),
      "parameters": parameters.isEmpty ? nil : .object(parameters.mapValues(JSON.int)),
    ])
  }
}
