import Basics
import Glibc

/// Whole files by path, for tests: everything in memory, every failure an error.
public enum Files {
    /// The bytes of a file.
    public static func read(_ path: String) throws -> [UInt8] {
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw systemError("open", path) }
        defer { close(descriptor) }
        return try readAll(descriptor, path)
    }

    static func readAll(_ descriptor: Int32, _ path: String) throws -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = retrying { Glibc.read(descriptor, &chunk, chunk.count) }
            guard count >= 0 else { throw systemError("read", path) }
            if count == 0 { return result }
            result += chunk[..<count]
        }
    }

    /// A file as text; invalid UTF-8 becomes replacement characters.
    public static func text(_ path: String) throws -> String {
        String(decoding: try read(path), as: UTF8.self)
    }

    /// Replaces a file by rename, so that hard links to the old content keep it; makes the directories above it.
    public static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
        try makeDirectories(above: path)
        let temporary = path + ".writing"
        let descriptor = retrying { open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) }
        guard descriptor >= 0 else { throw systemError("open", temporary) }
        defer { close(descriptor) }
        try bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = retrying { Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset) }
                guard count >= 0 else { throw systemError("write", temporary) }
                offset += count
            }
        }
        guard fchmod(descriptor, mode) == 0 else { throw systemError("fchmod", temporary) }
        guard rename(temporary, path) == 0 else { throw systemError("rename", path) }
    }

    public static func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    /// Copies a file's bytes and its modification time.
    public static func copy(_ source: String, to destination: String) throws {
        try write(read(source), to: destination)
        try setModified(destination, try status(source).st_mtim.tv_sec)
    }

    /// `stat(2)`, following links.
    public static func status(_ path: String) throws -> stat {
        var status = stat()
        guard stat(path, &status) == 0 else { throw systemError("stat", path) }
        return status
    }

    /// `lstat(2)`: the link itself.
    public static func linkStatus(_ path: String) throws -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw systemError("lstat", path) }
        return status
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public static func isDirectory(_ path: String) -> Bool {
        (try? status(path)).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    /// Where a symbolic link points.
    public static func linkTarget(_ path: String) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count >= 0 else { throw systemError("readlink", path) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Sets a file's modification time in seconds since 1970.
    public static func setModified(_ path: String, _ seconds: Int) throws {
        let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        guard utimensat(AT_FDCWD, path, times, 0) == 0 else { throw systemError("utimensat", path) }
    }

    /// Makes a directory and those above it, mode 0755 less the umask.
    public static func makeDirectory(_ path: String) throws {
        if mkdir(path, 0o755) == 0 { return }
        if errno == EEXIST { return }
        guard errno == ENOENT else { throw systemError("mkdir", path) }
        try makeDirectories(above: path)
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw systemError("mkdir", path) }
    }

    private static func makeDirectories(above path: String) throws {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let parent = String(path[..<slash])
        if !exists(parent) { try makeDirectory(parent) }
    }

    /// Names in a directory, sorted by bytes, without `.` and `..`.
    public static func names(_ path: String) throws -> [String] {
        guard let directory = opendir(path) else { throw systemError("opendir", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Relative paths of everything below a directory that is not a directory, sorted by bytes; links are not followed.
    public static func walk(_ root: String) throws -> [String] {
        var result: [String] = []
        func descend(_ relative: String) throws {
            for name in try names(relative.isEmpty ? root : "\(root)/\(relative)") {
                let path = relative.isEmpty ? name : "\(relative)/\(name)"
                if try linkStatus("\(root)/\(path)").st_mode & S_IFMT == S_IFDIR {
                    try descend(path)
                } else {
                    result.append(path)
                }
            }
        }
        try descend("")
        return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes a file, or a directory with all below it; nothing there is fine. Links are not followed.
    public static func remove(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw systemError("lstat", path)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in try names(path) { try remove("\(path)/\(name)") }
            guard rmdir(path) == 0 || errno == ENOENT else { throw systemError("rmdir", path) }
        } else {
            guard unlink(path) == 0 || errno == ENOENT else { throw systemError("unlink", path) }
        }
    }

    /// Inverts every bit of one byte in place (all hard links see it), keeping the modification time: what a bad disk does.
    public static func flipByte(_ path: String, at offset: Int) throws {
        let before = try status(path)
        let descriptor = retrying { open(path, O_RDWR | O_CLOEXEC) }
        guard descriptor >= 0 else { throw systemError("open", path) }
        defer { close(descriptor) }
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, offset) == 1 else { throw systemError("pread", path) }
        byte = ~byte
        guard pwrite(descriptor, &byte, 1, offset) == 1 else { throw systemError("pwrite", path) }
        let times = [before.st_atim, before.st_mtim]
        guard futimens(descriptor, times) == 0 else { throw systemError("futimens", path) }
    }
}
