import Synchronization

/// Memory in which bytes gather until it is worth a system call to write them. Used from several threads.
final class WriteBuffers: Sendable {
    /// In bytes. Most packages fit: they are hashed and written at once, when all of them is there.
    static let size = 256 << 10

    /// One buffer; a writer has it alone.
    struct Buffer: @unchecked Sendable {
        let start: UnsafeMutableRawPointer
    }

    /// As many as transfers run at once; more are freed when they come back.
    private static let mostIdle = 64
    private let idle = Mutex<[Buffer]>([])

    deinit {
        idle.withLock { for buffer in $0 { buffer.start.deallocate() } }
    }

    func take() -> Buffer {
        idle.withLock { $0.popLast() }
            ?? Buffer(start: .allocate(byteCount: WriteBuffers.size, alignment: 64))
    }

    func giveBack(_ buffer: Buffer) {
        let isKept = idle.withLock { idle in
            if idle.count < WriteBuffers.mostIdle { idle.append(buffer) }
            return idle.last?.start == buffer.start
        }
        if !isKept { buffer.start.deallocate() }
    }
}
