import Basics
internal import Glibc

/// Computes what several ``MultiHasher``s are given on a thread of its own: whoever receives bytes can go on receiving.
///
/// Bytes are copied into buffers, of which there is a fixed number: a sender that is faster waits. Guarded by the mutex are all
/// variables, and the hashers' ``MultiHasher/pending``.
final class HashingThread: @unchecked Sendable {
    /// The one of the process; it runs from its first use to the process's end. Nil if the machine gives no thread.
    static let shared = HashingThread()

    private struct Piece {
        let hasher: MultiHasher
        let buffer: UnsafeMutableRawPointer
        let count: Int
    }

    /// 4 MiB in all.
    private static let bufferSize = 1 << 16
    private static let mostBuffers = 64

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// There is something to hash.
    private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// A buffer is free, or a hasher has nothing pending any more.
    private let progress = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var queue: [Piece] = []
    private var free: [UnsafeMutableRawPointer] = []
    private var made = 0
    private var isIdle = false
    private var waiting = 0

    private init?() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(work, nil)
        pthread_cond_init(progress, nil)
        // Signals belong to the main thread: the new one inherits the mask.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let user = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { user in
                Unmanaged<HashingThread>.fromOpaque(user!).takeUnretainedValue().run()
                return nil
            }, user.toOpaque())
        guard status == 0 else {
            user.release()
            return nil
        }
        pthread_detach(thread)
    }

    deinit {
        pthread_cond_destroy(progress)
        pthread_cond_destroy(work)
        pthread_mutex_destroy(mutex)
        progress.deallocate()
        work.deallocate()
        mutex.deallocate()
    }

    /// Takes a copy of bytes, to be hashed after those taken before.
    func submit(_ bytes: UnsafeRawBufferPointer, to hasher: MultiHasher) {
        var start = 0
        while start < bytes.count {
            let piece = bytes.slice(start..<min(start + HashingThread.bufferSize, bytes.count))
            start += piece.count
            let buffer = takeBuffer()
            buffer.copyMemory(from: piece.baseAddress!, byteCount: piece.count)
            pthread_mutex_lock(mutex)
            hasher.pending += 1
            queue.append(Piece(hasher: hasher, buffer: buffer, count: piece.count))
            if isIdle { pthread_cond_signal(work) }
            pthread_mutex_unlock(mutex)
        }
    }

    /// Returns when a hasher has computed all that it was given.
    func settle(_ hasher: MultiHasher) {
        pthread_mutex_lock(mutex)
        wait { hasher.pending == 0 }
        pthread_mutex_unlock(mutex)
    }

    private func takeBuffer() -> UnsafeMutableRawPointer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if free.isEmpty, made < HashingThread.mostBuffers {
            made += 1
            return .allocate(byteCount: HashingThread.bufferSize, alignment: 64)
        }
        wait { !free.isEmpty }
        return free.removeLast()
    }

    /// With the mutex held.
    private func wait(until condition: () -> Bool) {
        waiting += 1
        while !condition() { pthread_cond_wait(progress, mutex) }
        waiting -= 1
    }

    private func run() {
        var pieces: [Piece] = []
        while true {
            pthread_mutex_lock(mutex)
            while queue.isEmpty {
                isIdle = true
                pthread_cond_wait(work, mutex)
            }
            isIdle = false
            swap(&queue, &pieces)
            pthread_mutex_unlock(mutex)
            for piece in pieces {
                piece.hasher.compute(UnsafeRawBufferPointer(start: piece.buffer, count: piece.count))
                pthread_mutex_lock(mutex)
                piece.hasher.pending -= 1
                free.append(piece.buffer)
                if waiting > 0 { pthread_cond_broadcast(progress) }
                pthread_mutex_unlock(mutex)
            }
            pieces.removeAll(keepingCapacity: true)
        }
    }
}
