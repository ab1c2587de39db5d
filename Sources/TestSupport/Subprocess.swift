import Basics
import Glibc

/// What became of a process, with what it cost.
public struct ProcessResult: Sendable {
    public enum Termination: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    public let arguments: [String]
    public let termination: Termination
    public let standardOutput: [UInt8]
    public let standardError: [UInt8]
    public let seconds: Double
    /// User and system time of the process and the children it waited for.
    public let cpuSeconds: Double

    /// The exit status as a shell shows it: 128 + signal if a signal ended it.
    public var status: Int32 {
        switch termination {
        case .exited(let status): status
        case .signalled(let signal): 128 + signal
        }
    }

    public var stdout: String { String(decoding: standardOutput, as: UTF8.self) }
    public var stderr: String { String(decoding: standardError, as: UTF8.self) }

    /// The command line, the status and all that it printed, for a test's message.
    public var report: String {
        "\(arguments.joined(separator: " "))\n→ \(status)\n--- stdout\n\(stdout)\n--- stderr\n\(stderr)"
    }

    /// Self if the status is 0.
    /// - Throws: ``ChantalError`` with ``report`` otherwise.
    @discardableResult
    public func checked() throws -> ProcessResult {
        guard status == 0 else { throw ChantalError(.io, report) }
        return self
    }
}

/// Programs run by tests, in a clean environment.
public enum Subprocess {
    /// Runs a command and tells the peak of its resident memory, in KiB (getrusage(2)).
    ///
    /// A small process in between is its parent: Linux counts what a parent held when it made the child.
    public static func runMeasuringMemory(_ arguments: [String]) throws -> (result: ProcessResult, peak: Int) {
        let script = """
            import os, resource, subprocess, sys
            status = subprocess.run(sys.argv[1:]).returncode
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
            sys.exit(status if status >= 0 else 128 - status)
            """
        let result = try run(["python3", "-I", "-c", script] + arguments)
        guard let last = result.stdout.split(separator: "\n").last, let peak = Int(last) else {
            throw ChantalError(.malformed, "no peak of memory was told: \(result.stdout) \(result.stderr)")
        }
        return (result, peak)
    }

    /// Runs a program to its end.
    ///
    /// Output goes to unlinked files, so that a daemon that it leaves behind (gpg-agent) holds nobody up.
    /// - Parameters:
    ///   - arguments: the program, searched in PATH unless it has a slash, and its arguments.
    ///   - environment: added to ``baseEnvironment``.
    ///   - timeout: seconds after which its process group is killed.
    @discardableResult
    public static func run(
        _ arguments: [String], environment: [String: String] = [:], directory: String? = nil, stdin: [UInt8] = [],
        timeout: Double = 300
    ) throws -> ProcessResult {
        try spawn(arguments, environment: environment, directory: directory, stdin: stdin).wait(timeout: timeout)
    }

    /// Starts a program in a process group of its own; see ``run(_:environment:directory:stdin:timeout:)``.
    public static func spawn(
        _ arguments: [String], environment: [String: String] = [:], directory: String? = nil, stdin: [UInt8] = []
    ) throws -> RunningProcess {
        try RunningProcess(arguments, environment: environment, directory: directory, stdin: stdin)
    }

    /// What every process gets: PATH, HOME, TMPDIR, a UTF-8 locale, UTC; no proxy, no other setting of the machine.
    public static let baseEnvironment: [String: String] = {
        var result = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
        ]
        for name in ["HOME", "TMPDIR", "LD_LIBRARY_PATH"] {
            if let value = getenv(name) { result[name] = String(cString: value) }
        }
        return result
    }()
}
