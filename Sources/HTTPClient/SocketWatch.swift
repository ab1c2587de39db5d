internal import Basics
internal import CCurl
internal import Glibc

/// The sockets that curl waits for, and the wake-up call from other threads (epoll_wait(2)).
final class SocketWatch {
    private let descriptor: Int32
    private var events: [epoll_event]

    /// - Parameter wakeUp: a descriptor that becomes readable when another thread wants something.
    init(wakeUp: Int32) throws(ChantalError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        events = Array(repeating: epoll_event(), count: 64)
        guard descriptor >= 0 else { throw systemError("epoll_create1") }
        guard control(EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue) == 0 else { throw systemError("epoll_ctl") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Begins, changes or ends the watch over a socket, as curl says with CURL_POLL_….
    func set(_ socket: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            // curl may have closed it already, which ends the watch as well.
            _ = control(EPOLL_CTL_DEL, socket, 0)
            return
        }
        var mask: UInt32 = 0
        if what & CURL_POLL_IN != 0 { mask |= EPOLLIN.rawValue }
        if what & CURL_POLL_OUT != 0 { mask |= EPOLLOUT.rawValue }
        if control(EPOLL_CTL_ADD, socket, mask) != 0, errno == EEXIST { _ = control(EPOLL_CTL_MOD, socket, mask) }
    }

    /// Waits, then hands over each ready socket with its events as CURL_CSELECT_….
    func wait(milliseconds: Int32, _ body: (Int32, Int32) -> Void) {
        let count = events.withUnsafeMutableBufferPointer {
            epoll_wait(descriptor, $0.baseAddress, Int32($0.count), milliseconds)
        }
        // EINTR is a wait without events.
        for index in 0..<max(0, Int(count)) {
            let event = events[index]
            var mask: Int32 = 0
            if event.events & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
            if event.events & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
            if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
            body(event.data.fd, mask)
        }
    }

    private func control(_ operation: Int32, _ socket: Int32, _ mask: UInt32) -> Int32 {
        var event = epoll_event()
        event.events = mask
        event.data.fd = socket
        return epoll_ctl(descriptor, operation, socket, &event)
    }
}

/// A failed call that a transfer needs.
func systemError(_ call: String, _ number: Int32 = errno) -> ChantalError {
    ChantalError(.io, "\(call) failed: \(String(cString: strerror(number)))")
}

/// Seconds of a clock that is never set (clock_gettime(2), CLOCK_MONOTONIC).
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
