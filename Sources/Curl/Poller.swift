import CCurl
import Foundation
import Platforms

/// Linux epoll over the sockets that libcurl names.
struct Poller: ~Copyable {
  struct Ready {
    var socket: Int32
    var isReadable: Bool
    var isWritable: Bool
    var isBroken: Bool
  }

  private let fileDescriptor: Int32
  private let room: UnsafeMutableBufferPointer<epoll_event>

  init() throws(NetworkFailure) {
    fileDescriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    if fileDescriptor < 0 { throw systemFailure("epoll_create1") }
    room = .allocate(capacity: 256)
  }

  deinit {
    close(fileDescriptor)
    room.deallocate()
  }

  /// False when the system refuses; a call on such a socket ends at its deadline.
  @discardableResult
  func watch(_ socket: Int32, read: Bool, write: Bool) -> Bool {
    var event = epoll_event()
    event.data.fd = socket
    if read { event.events |= EPOLLIN.rawValue }
    if write { event.events |= EPOLLOUT.rawValue }
    if epoll_ctl(fileDescriptor, EPOLL_CTL_ADD, socket, &event) == 0 { return true }
    return errno == EEXIST && epoll_ctl(fileDescriptor, EPOLL_CTL_MOD, socket, &event) == 0
  }

  func forget(_ socket: Int32) {
    var event = epoll_event()
    epoll_ctl(fileDescriptor, EPOLL_CTL_DEL, socket, &event)
  }

  /// Waits for the first event; -1 milliseconds waits for as long as it takes.
  func wait(milliseconds: Int32) -> [Ready] {
    let count = epoll_wait(fileDescriptor, room.baseAddress, Int32(room.count), milliseconds)
    // A negative count is EINTR: nothing happened.
    return (0..<max(0, Int(count))).map { index in
      let event = room[index]
      return Ready(
        socket: event.data.fd, isReadable: event.events & EPOLLIN.rawValue != 0,
        isWritable: event.events & EPOLLOUT.rawValue != 0,
        isBroken: event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
    }
  }
}
