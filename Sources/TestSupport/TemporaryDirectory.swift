import Basics
import Glibc

/// A fresh directory that is removed with everything in it when the last reference goes.
///
/// Mode 0755, so that a web server of another user reads below it; the path is short enough for sockets in it.
public final class TemporaryDirectory: Sendable {
    /// Absolute, without links and without a slash at its end.
    public let path: String

    /// - Parameter base: where to make it; `$TMPDIR` or `/tmp` if nil.
    public init(_ prefix: String = "t", in base: String? = nil) throws {
        let parent = base ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/\(prefix).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw systemError("mkdtemp", parent) }
        guard let resolved = realpath(template, nil) else { throw systemError("realpath", parent) }
        defer { free(resolved) }
        path = String(cString: resolved)
        guard chmod(path, 0o755) == 0 else { throw systemError("chmod", path) }
    }

    deinit {
        do { try Files.remove(path) } catch {
            let text = "\(path) was not removed: \(error)\n"
            _ = text.withCString { Glibc.write(2, $0, strlen($0)) }
        }
    }

    /// The absolute path of something below.
    public func path(_ relative: String) -> String { "\(path)/\(relative)" }

    /// Writes a file below, with its directories; gives its absolute path.
    @discardableResult
    public func write(_ text: String, to relative: String, mode: mode_t = 0o644) throws -> String {
        try Files.write(text, to: path(relative), mode: mode)
        return path(relative)
    }

    /// Writes a file below, with its directories; gives its absolute path.
    @discardableResult
    public func write(_ bytes: [UInt8], to relative: String, mode: mode_t = 0o644) throws -> String {
        try Files.write(bytes, to: path(relative), mode: mode)
        return path(relative)
    }

    /// Makes a directory below; gives its absolute path.
    @discardableResult
    public func makeDirectory(_ relative: String) throws -> String {
        try Files.makeDirectory(path(relative))
        return path(relative)
    }

    public func read(_ relative: String) throws -> [UInt8] { try Files.read(path(relative)) }
    public func text(_ relative: String) throws -> String { try Files.text(path(relative)) }
    public func exists(_ relative: String) -> Bool { Files.exists(path(relative)) }
}
