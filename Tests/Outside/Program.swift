import Foundation
import Glibc

/// A program that is run to its end, with what it says in a file.
///
/// Not Foundation's `Process`, which learns of an end by a socket, and not a pipe: another child,
/// begun at the same moment, may have inherited them, and one that only this process can end would
/// then be waited for by the thread that has to end it.
public enum Program {
  public struct Outcome: Sendable {
    /// Its exit code; 128 and the signal where one ended it.
    public var status: Int32
    /// What it wrote to stdout and stderr.
    public var output: Data

    public var text: String { String(decoding: output, as: UTF8.self) }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameters:
  ///   - arguments: the program, by path or by name, and what it is told.
  ///   - folder: where it begins; nil begins it where we are.
  ///   - input: what stands in its standard input.
  /// - Throws: where it cannot be started; its status is 127 where there is no such program.
  @discardableResult
  public static func run(
    _ arguments: [String], in folder: URL? = nil, environment: [String: String]? = nil,
    input: Data = Data()
  ) throws -> Outcome {
    let (said, told) = (try scratch(), try scratch())
    defer { for file in [said, told] { close(file) } }
    try FileHandle(fileDescriptor: told).write(contentsOf: input)
    lseek(told, 0, SEEK_SET)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (file, place) in [(told, 0), (said, 1), (said, 2)] as [(CInt, CInt)] {
      posix_spawn_file_actions_adddup2(&actions, file, place)
    }
    let variables = environment ?? ProcessInfo.processInfo.environment
    var pid: pid_t = 0
    let place = folder.map { ["--chdir=" + $0.path] } ?? []
    let code = withPointers(["env"] + place + arguments) { arguments in
      withPointers(variables.map { "\($0)=\($1)" }) { variables in
        posix_spawn(&pid, "/usr/bin/env", &actions, nil, arguments, variables)
      }
    }
    guard code == 0 else {
      throw Failure(description: "\(arguments): \(String(cString: strerror(code)))")
    }
    var status: CInt = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    lseek(said, 0, SEEK_SET)
    return Outcome(
      status: status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F,
      output: try FileHandle(fileDescriptor: said).readToEnd() ?? Data())
  }

  /// O_TMPFILE of open(2), which Glibc's module does not show.
  private static let nameless: CInt = 0o20200000

  /// A file without a name.
  private static func scratch() throws -> CInt {
    let folder = FileManager.default.temporaryDirectory.path
    let file = open(folder, nameless | O_RDWR | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw Failure(description: "a temporary file: \(String(cString: strerror(errno)))")
    }
    return file
  }

  private static func withPointers<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
  }
}
