import Basics
import Glibc

/// Places of this project on the machine that runs its tests.
public enum Project {
    /// The directory that holds Package.swift.
    public static let root = String(#filePath.dropLast("/Sources/TestSupport/Project.swift".count))

    public static func path(_ relative: String) -> String { "\(root)/\(relative)" }

    /// The `chantal` that was built beside the running tests; `$CHANTAL` overrides it.
    public static func chantal() throws -> String {
        if let named = getenv("CHANTAL") { return String(cString: named) }
        let own = try Files.linkTarget("/proc/self/exe")
        let beside = own.prefix(upTo: own.lastIndex(of: "/") ?? own.endIndex) + "/chantal"
        for candidate in [String(beside), path(".build/debug/chantal"), path(".build/release/chantal")]
        where Files.exists(candidate) {
            return candidate
        }
        throw ChantalError(.notFound, "no chantal beside \(own): run swift build first")
    }
}
