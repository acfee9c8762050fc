import Foundation
import Glibc
import Outside
import Synchronization
import Testing

/// A small ext4 in a file: a disk that can be filled, broken, and whose power can be cut.
///
/// Only what the file system inside really handed to its disk stands in the image, so a copy of the
/// image is what a machine finds after a power cut.
final class LoopDisk: Sendable {
  let image: URL
  let folder: URL
  private let isMounted = Mutex(false)

  static let isPossible = geteuid() == 0 && access("/dev/loop-control", R_OK | W_OK) == 0
  /// A machine that checks changes always runs these tests, and fails where it cannot.
  static let mayRun = isPossible || ProcessInfo.processInfo.environment["CI"] == "true"
  static let needs: Comment = "needs root and loop devices"

  /// Formats an image and mounts it on the folder.
  init(image: URL, on folder: URL, megabytes: Int = 16) throws {
    self.image = image
    self.folder = folder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try tool("truncate", "-s", "\(megabytes)M", image.path)
    // No room is kept back for root, so that full is full.
    try tool("mkfs.ext4", "-q", "-b", "4096", "-m", "0", image.path)
    try attach()
  }

  /// The disk that a copy of an image is.
  private init(copy: URL, on folder: URL) {
    image = copy
    self.folder = folder
  }

  deinit { detach() }

  func attach() throws {
    try tool("mount", "-o", "loop", image.path, folder.path)
    isMounted.withLock { $0 = true }
  }

  func detach() {
    let was = isMounted.withLock { isMounted in
      defer { isMounted = false }
      return isMounted
    }
    // Lazily only as the last resort: a file system that somebody still holds is not at its end,
    // and the next mount of the same image would be that one again.
    let patiently =
      "for n in $(seq 100); do umount '\(folder.path)' && exit; sleep 0.05; done;"
      + " umount -l '\(folder.path)'"
    if was { _ = try? tool("sh", "-c", patiently) }
  }

  /// The power goes while whoever writes stands still. Copied until two copies agree, so that what
  /// the kernel writes back meanwhile does not tear the copy.
  func cut(as name: String) throws -> LoopDisk {
    let copies = ["a", "b"].map { image.deletingLastPathComponent().appending(path: name + $0) }
    try tool("cp", image.path, copies[0].path)
    for _ in 1...100 {
      try tool("cp", image.path, copies[1].path)
      if (try? tool("cmp", "-s", copies[0].path, copies[1].path)) != nil {
        try FileManager.default.removeItem(at: copies[1])
        return LoopDisk(copy: copies[0], on: folder)
      }
      try tool("mv", copies[1].path, copies[0].path)
    }
    throw Synapse.Fault("the image never stood still")
  }

  /// Not a block is left. In rounds, because what was just deleted, and what the file system holds
  /// back for writes under way, is free only after its own commit.
  func fill() throws {
    for round in 1...3 {
      let filler = folder.appending(path: "filler\(round)").path
      try tool("sync", "--file-system", folder.path)
      // Large pieces for speed, then what is too small for them.
      for size in ["1M", "4k"] {
        _ = try? tool("sh", "-c", "dd if=/dev/zero bs=\(size) >> '\(filler)' 2> /dev/null")
      }
    }
  }

  func makeRoom() throws { try tool("sh", "-c", "rm '\(folder.path)'/filler*") }
}

/// Runs a program of the system to its end. - Throws: what it complains of, if it fails.
@discardableResult
func tool(_ name: String, _ arguments: String...) throws -> String {
  let outcome = try Program.run(
    [name] + arguments,
    environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
  guard outcome.status == 0 else {
    throw Synapse.Fault("\(name) \(arguments.joined(separator: " ")): \(outcome.text)")
  }
  return outcome.text
}

/// Stops a process and returns when every thread of it stands.
func freeze(_ pid: Int32) async throws {
  kill(pid, SIGSTOP)
  try await wait(seconds: 30, for: "process \(pid) to stop") {
    let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
    return try tasks.allSatisfy { task in
      let line = try String(contentsOfFile: "/proc/\(pid)/task/\(task)/stat", encoding: .utf8)
      // The state stands behind the name in parentheses (proc(5)).
      let state = line[line.index(after: line.lastIndex(of: ")") ?? line.startIndex)...]
      return ["T", "t", "Z", "X"].contains(state.split(separator: " ").first ?? "")
    }
  }
}
