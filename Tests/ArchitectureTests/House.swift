/// The floors of the house, as CONTRIBUTING.md has them, and what else each room may know.
enum House {
    /// Who stands on which floor; rooms that are not built yet included.
    static let floors: [[String]] = [
        ["Basics"],
        [
            "FileSystem", "Hashing", "Compression", "Archive", "HTTPClient", "OpenPGP", "XML", "YAML", "TOML", "SQLite",
            "Terminal",
            "CommandLineKit",
        ],
        ["Store", "Catalog", "Fetching"],
        ["Mirroring"],
        ["APT", "RPM", "PyPI"],
        ["ChantalCommands"],
        ["chantal"],
    ]

    /// Imports between rooms of one floor.
    static let sideways: Set<Import> = [
        Import("HTTPClient", "Hashing"), Import("CommandLineKit", "Terminal"), Import("Fetching", "Store"),
    ]

    static let ecosystems: Set<String> = ["APT", "RPM", "PyPI"]

    /// What an ecosystem sees below it: values, the engine, and the wrappers of formats.
    static let seenByEcosystems: Set<String> = [
        "Basics", "Mirroring", "Hashing", "Compression", "Archive", "OpenPGP", "XML", "YAML", "TOML",
    ]

    /// Which room owns a C library.
    static let libraries: [String: Set<String>] = [
        "CLinux": ["FileSystem", "HTTPClient", "Terminal"], "CCrypto": ["Hashing", "OpenPGP"], "CCurl": ["HTTPClient"],
        "CGPGME": ["OpenPGP"], "CZlib": ["Compression"], "CISAL": ["Compression"], "CLZMA": ["Compression"],
        "CZstd": ["Compression"], "CBzip2": ["Compression"], "CArchive": ["Archive"], "CXML": ["XML"],
        "CSQLite": ["SQLite"], "CYAML": ["YAML"],
        "CSpawn": ["TestSupport"],
    ]

    /// Modules of the toolchain that every room may import.
    static let toolchain: Set<String> = ["Swift", "Glibc", "Musl", "Synchronization"]

    /// Foundation costs start-up time, and above libxml2 it does not compile.
    static let foundation: [String: Set<String>] = ["FoundationEssentials": ["ChantalCommands"]]

    static func floor(of room: String) -> Int? { floors.firstIndex { $0.contains(room) } }

    struct Import: Hashable {
        let room: String
        let imported: String
        init(_ room: String, _ imported: String) { (self.room, self.imported) = (room, imported) }
    }

    /// Why a room must not import a module; nil if it may.
    static func objection(to imported: String, in room: String) -> String? {
        if toolchain.contains(imported) { return nil }
        if let owners = libraries[imported] {
            return owners.contains(room) ? nil : "is the library of \(owners.sorted().joined(separator: ", "))"
        }
        if imported.hasPrefix("Foundation") {
            return foundation[imported]?.contains(room) == true ? nil : "is Foundation"
        }
        // Beside the floors: tests and benchmarks alone import it, and it knows no room above the first.
        if imported == "TestSupport" { return "is for tests" }
        guard let below = floor(of: imported) else { return "is not on any floor" }
        if room == "TestSupport" { return below <= 1 ? nil : "is too high for TestSupport" }
        guard let own = floor(of: room) else { return "comes from a room that is not on any floor" }
        if ecosystems.contains(room), !seenByEcosystems.contains(imported) { return "is not for ecosystems" }
        if below < own || sideways.contains(Import(room, imported)) { return nil }
        return below == own ? "is on the same floor" : "is on a higher floor"
    }
}
