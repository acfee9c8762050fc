import Foundation

/// One thread, so that such work never takes more than its share from everybody else.
private let lane = DispatchQueue(label: "apart")

/// Runs long work off the few threads that all tests share: there it would hold up whoever waits
/// with a deadline.
public func apart<Value: Sendable>(
  _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    lane.async { continuation.resume(with: Result { try work() }) }
  }
}
