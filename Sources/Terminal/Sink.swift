import Basics
import Glibc
import Synchronization

/// Where bytes of an output stream go.
public protocol Sink: Sendable {
    /// Writes all bytes.
    ///
    /// - Throws: ``ChantalError`` `io` or `noSpace` when they cannot be written; a reader that went away is no error.
    func write(_ bytes: [UInt8]) throws
}

/// An open descriptor, not owned. A reader that went away (EPIPE) ends the writing quietly: the work goes on.
public final class DescriptorSink: Sink {
    private let descriptor: Int32
    private let name: String
    private let isClosed = Atomic<Bool>(false)

    /// - Parameter name: for messages, as `standard output`.
    public init(_ descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    public func write(_ bytes: [UInt8]) throws {
        if isClosed.load(ordering: .relaxed) { return }
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
                if count >= 0 {
                    done += count
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN:  // someone else made our terminal non-blocking
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, -1)
                case EPIPE, EBADF:  // EBADF: started with the descriptor closed (`>&-`)
                    isClosed.store(true, ordering: .relaxed)
                    return
                case let number:
                    isClosed.store(true, ordering: .relaxed)
                    throw ChantalError(
                        number == ENOSPC || number == EDQUOT ? .noSpace : .io,
                        "cannot write to \(name): \(String(cString: strerror(number)))")
                }
            }
        }
    }
}

/// Keeps what is written, for tests.
public final class MemorySink: Sink {
    private let bytes = Mutex<[UInt8]>([])

    public init() {}

    public func write(_ new: [UInt8]) { bytes.withLock { $0 += new } }

    /// Everything written so far.
    public var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
