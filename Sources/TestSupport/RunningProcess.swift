import Basics
internal import CSpawn
import Glibc
import Synchronization

/// A child process; killed with its process group when the last reference goes and it still runs.
///
/// It inherits descriptors 0, 1 and 2 only.
public final class RunningProcess: Sendable {
    public let arguments: [String]
    public let pid: Int32
    private let output: CaptureFile
    private let errors: CaptureFile
    private let started = monotonicSeconds()
    private let result = Mutex<ProcessResult?>(nil)

    init(_ arguments: [String], environment: [String: String], directory: String?, stdin: [UInt8]) throws {
        guard !arguments.isEmpty else { throw ChantalError(.io, "no program to run") }
        self.arguments = arguments
        let input = try CaptureFile()
        try input.fill(stdin)
        output = try CaptureFile()
        errors = try CaptureFile()

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let directory { posix_spawn_file_actions_addchdir_np(&actions, directory) }
        // Each is above 2, so no dup2 overwrites one that is still needed; dup2 clears O_CLOEXEC.
        posix_spawn_file_actions_adddup2(&actions, input.descriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, output.descriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.descriptor, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let merged = Subprocess.baseEnvironment.merging(environment) { _, new in new }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = merged.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for string in argv + envp { free(string) }
        }
        var child = pid_t()
        let status = posix_spawnp(&child, arguments[0], &actions, &attributes, &argv, &envp)
        guard status == 0 else {
            throw ChantalError(.io, "cannot start \(arguments[0]): \(String(cString: strerror(status)))")
        }
        pid = child
    }

    deinit {
        guard result.withLock({ $0 == nil }) else { return }
        Glibc.kill(-pid, SIGKILL)
        var status: Int32 = 0
        _ = retrying { waitpid(pid, &status, 0) }
    }

    /// Sends a signal, to the process alone or to all of its group; one that has ended is not hit.
    public func kill(_ signal: Int32 = SIGKILL, group: Bool = false) {
        result.withLock { result in
            if result == nil { Glibc.kill(group ? -pid : pid, signal) }
        }
    }

    /// What it has printed so far.
    public var outputSoFar: String { get throws { String(decoding: try output.contents(), as: UTF8.self) } }
    public var errorsSoFar: String { get throws { String(decoding: try errors.contents(), as: UTF8.self) } }

    /// Whether it has not ended yet.
    public var isRunning: Bool { get throws { try poll() == nil } }

    /// Waits for its end.
    /// - Throws: ``ChantalError`` after `timeout` seconds, when its whole group has been killed.
    @discardableResult
    public func wait(timeout: Double = 300) throws -> ProcessResult {
        var nap = 0.0001
        while true {
            if let result = try poll() { return result }
            if monotonicSeconds() - started > timeout {
                kill(SIGKILL, group: true)
                let printed = "\(try outputSoFar)\(try errorsSoFar)"
                throw ChantalError(.io, "\(arguments.joined(separator: " ")) took over \(timeout) s\n\(printed)")
            }
            pause(seconds: nap)
            nap = min(nap * 1.5, 0.001)
        }
    }

    private func poll() throws -> ProcessResult? {
        try result.withLock { result in
            if let result { return result }
            var status: Int32 = 0
            var usage = rusage()
            let ended = retrying { wait4(pid, &status, WNOHANG, &usage) }
            guard ended >= 0 else { throw systemError("wait4", arguments[0]) }
            if ended == 0 { return nil }
            let signal = status & 0x7f
            let cpu = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
            result = ProcessResult(
                arguments: arguments, termination: signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal),
                standardOutput: try output.contents(), standardError: try errors.contents(),
                seconds: monotonicSeconds() - started, cpuSeconds: cpu)
            return result
        }
    }
}

/// An unlinked temporary file that a child writes or reads.
private final class CaptureFile: Sendable {
    let descriptor: Int32

    private static let counter = Atomic<Int>(0)

    init() throws {
        let number = CaptureFile.counter.add(1, ordering: .relaxed).newValue
        let path = "/tmp/capture.\(getpid()).\(number)"
        let first = retrying { open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600) }
        guard first >= 0 else { throw systemError("open", path) }
        unlink(path)
        // Above the standard three even in a process that has closed some of these.
        descriptor = fcntl(first, F_DUPFD_CLOEXEC, 3)
        close(first)
        guard descriptor >= 0 else { throw systemError("fcntl", "/tmp") }
    }

    deinit { close(descriptor) }

    func fill(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                retrying { write(descriptor, bytes.baseAddress! + offset, bytes.count - offset) }
            }
            guard count >= 0 else { throw systemError("write", "stdin") }
            offset += count
        }
        lseek(descriptor, 0, SEEK_SET)
    }

    func contents() throws -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("fstat", "output") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw systemError("pread", "output") }
        return Array(bytes[..<count])
    }
}
