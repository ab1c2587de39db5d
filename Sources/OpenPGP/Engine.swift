import Basics
internal import CGPGME
import Glibc

/// gpgme and the gpg behind it, made ready once for the process.
enum Engine {
    private static let problem: ChantalError? = {
        // gpgme_check_version(3) sets the library up and must be called before anything else.
        guard gpgme_check_version("1.12.0") != nil else {
            return ChantalError(.signature, "gpgme is older than 1.12", hint: "update libgpgme11")
        }
        let status = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP)
        if status == 0 { return nil }
        return ChantalError(
            .signature, "gpg cannot be used: \(reason(status))", hint: "install it: apt-get install gpg gpg-agent")
    }()

    static func prepare() throws {
        if let problem { throw problem }
    }

    /// gpgme's words for an error of its.
    static func reason(_ status: gpgme_error_t) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            gpgme_strerror_r(status, buffer.baseAddress, buffer.count)
            buffer[buffer.count - 1] = 0
            return String(cString: buffer.baseAddress!)
        }
    }

    static func check(_ status: gpgme_error_t, _ what: @autoclosure () -> String) throws {
        if status != 0 { throw ChantalError(.signature, "\(what()): \(reason(status))") }
    }

    /// Runs a body with SIGPIPE held back on this thread: a gpg that ends early must not end us.
    static func withoutPipeSignal<R>(_ body: () throws -> R) rethrows -> R {
        var pipe = sigset_t()
        var before = sigset_t()
        var pending = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        sigpending(&pending)
        let wasPending = sigismember(&pending, SIGPIPE) == 1
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer {
            if !wasPending {
                var now = timespec()
                while sigtimedwait(&pipe, nil, &now) < 0, errno == EINTR {}
            }
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        return try body()
    }
}

/// Bytes that gpgme reads or writes.
final class EngineData {
    private(set) var handle: OpaquePointer?

    /// For output.
    init() throws { try Engine.check(gpgme_data_new(&handle), "gpgme has no memory for data") }

    /// For input; the bytes must live as long as this does.
    init(borrowing bytes: UnsafeRawBufferPointer) throws {
        // A null pointer is an error to gpgme even for no bytes.
        let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        let status =
            base == nil ? gpgme_data_new(&handle) : gpgme_data_new_from_mem(&handle, base, bytes.count, 0)
        try Engine.check(status, "gpgme has no memory for data")
    }

    deinit { if let handle { gpgme_data_release(handle) } }

    /// Everything written; the data is used up.
    func take() -> [UInt8] {
        guard let data = handle else { return [] }
        handle = nil
        var count = 0
        guard let memory = gpgme_data_release_and_get_mem(data, &count) else { return [] }
        defer { gpgme_free(memory) }
        return Array(UnsafeRawBufferPointer(start: memory, count: count))
    }
}

/// A gpgme context: one gpg home and the way gpg is called.
///
/// A context serves one operation at a time: everything after its making goes through ``exclusively(_:)``.
final class EngineContext: @unchecked Sendable {
    let handle: OpaquePointer
    // Not a `Mutex`: what gpgme hands out is not Sendable and stays within the thread that holds this.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    /// - Parameter home: nil for the user's own.
    init(home: String?) throws {
        try Engine.prepare()
        var made: gpgme_ctx_t?
        try Engine.check(gpgme_new(&made), "gpgme has no memory for a context")
        guard let made else { throw ChantalError(.bug, "gpgme gave no context") }
        handle = made
        pthread_mutex_init(lock, nil)
        try Engine.check(gpgme_set_protocol(handle, GPGME_PROTOCOL_OpenPGP), "gpgme has no OpenPGP")
        // No network, whatever a configuration says.
        gpgme_set_offline(handle, 1)
        if let home {
            try Engine.check(
                gpgme_ctx_set_engine_info(handle, GPGME_PROTOCOL_OpenPGP, nil, home), "gpg cannot use the home \(home)")
        }
    }

    deinit {
        gpgme_release(handle)
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Runs operations and reads their results while no other thread does.
    func exclusively<R>(_ body: () throws -> R) rethrows -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try Engine.withoutPipeSignal(body)
    }
}
