import Basics
import Glibc

/// What this machine and this process are.
public enum Machine {
    /// A text that changes with every start of the kernel; nil where the kernel does not tell.
    public static func bootIdentifier() -> String? {
        guard let bytes = try? File.readAll("/proc/sys/kernel/random/boot_id", limit: 256) else { return nil }
        let text = bytes.withUnsafeBytes { $0.trimmed.text }.filter { $0 != "-" }
        return text.isEmpty || !text.utf8.allSatisfy({ Hex.value($0) != nil }) ? nil : text
    }

    /// Whether a process of this number exists. kill(2) with signal 0.
    public static func isAlive(process: Int32) -> Bool {
        process > 0 && (kill(process, 0) == 0 || errno == EPERM)
    }

    /// The number of this process. getpid(2).
    public static var process: Int32 { getpid() }

    /// The number of the user this process acts as. geteuid(2).
    public static var user: UInt32 { geteuid() }

    /// `chantal (990)`, or the number alone if it has no name. getpwuid_r(3).
    public static func userName(_ number: UInt32) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getpwuid_r(number, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else { return "\(number)" }
        return "\(String(cString: name)) (\(number))"
    }

    /// Where the filesystem that holds a path is mounted; for a path that is not there, its nearest parent's.
    public static func mountPoint(of path: String) -> String {
        var place = path
        var status = stat()
        while stat(place, &status) != 0 {
            guard let parent = parent(of: place) else { return "/" }
            place = parent
        }
        if let real = realpath(place, nil) {
            place = String(cString: real)
            free(real)
        }
        let device = status.st_dev
        while let above = parent(of: place) {
            guard stat(above, &status) == 0, status.st_dev == device else { return place }
            place = above
        }
        return place
    }

    private static func parent(of path: String) -> String? {
        if path == "/" || path == "." || path.isEmpty { return nil }
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == 0 ? (bytes.count == 1 ? nil : "/") : String(decoding: bytes[..<slash], as: UTF8.self)
    }
}
