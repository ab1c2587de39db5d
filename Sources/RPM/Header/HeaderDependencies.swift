import Basics

/// A line of `<rpm:requires>` and its like, as createrepo_c makes it from a header.
struct HeaderDependency: Hashable {
    /// Bytes as in the header.
    var name: [UInt8]
    /// `EQ`, `LT`, …; nil for any version.
    var relation: String?
    var epoch: [UInt8] = []
    var version: [UInt8] = []
    var release: [UInt8] = []
    /// Whether it must be there before the package's scripts run.
    var isPrerequisite = false

    /// `RPMSENSE_…`
    fileprivate static let prerequisite: UInt64 = 1 << 6 | 1 << 9 | 1 << 10
    fileprivate static let strong: UInt64 = 1 << 27

    init(name: [UInt8], flags: UInt64, evr: ArraySlice<UInt8>) {
        self.name = name
        relation =
            switch flags & 15 {
            case 2: "LT"
            case 4: "GT"
            case 8: "EQ"
            case 10: "LE"
            case 12: "GE"
            default: nil
            }
        if evr.isEmpty { return }
        // createrepo_c's reading: an epoch is a number before a colon, and whatever follows the first dash is the release.
        var rest = evr
        epoch = [UInt8(ascii: "0")]
        if let colon = evr.firstIndex(of: UInt8(ascii: ":")) {
            let number = evr[..<colon]
            if !number.isEmpty { epoch = number.allSatisfy(\.isASCIIDigit) ? Array(number) : [] }
            rest = evr[(colon + 1)...]
        }
        if let dash = rest.firstIndex(of: UInt8(ascii: "-")) {
            version = Array(rest[..<dash])
            release = Array(rest[(dash + 1)...])
        } else {
            version = Array(rest)
        }
    }
}

/// All dependencies of a header.
struct HeaderDependencies {
    var provides: [HeaderDependency] = []
    var requires: [HeaderDependency] = []
    var conflicts: [HeaderDependency] = []
    var obsoletes: [HeaderDependency] = []
    var suggests: [HeaderDependency] = []
    var enhances: [HeaderDependency] = []
    var recommends: [HeaderDependency] = []
    var supplements: [HeaderDependency] = []

    /// - Parameter files: the full names that the package holds itself.
    init(_ header: HeaderBlob, files: Set<ArraySlice<UInt8>>) {
        provides = HeaderDependencies.read(header, .provideName, .provideFlags, .provideVersion).map(\.dependency)
        conflicts = HeaderDependencies.read(header, .conflictName, .conflictFlags, .conflictVersion).map(\.dependency)
        obsoletes = HeaderDependencies.read(header, .obsoleteName, .obsoleteFlags, .obsoleteVersion).map(\.dependency)
        suggests = HeaderDependencies.read(header, .suggestName, .suggestFlags, .suggestVersion).map(\.dependency)
        enhances = HeaderDependencies.read(header, .enhanceName, .enhanceFlags, .enhanceVersion).map(\.dependency)
        recommends = HeaderDependencies.read(header, .recommendName, .recommendFlags, .recommendVersion)
            .map(\.dependency)
        supplements = HeaderDependencies.read(header, .supplementName, .supplementFlags, .supplementVersion)
            .map(\.dependency)
        // SUSE's weak dependencies before rpm had them: two lists, of which the strong half is the other kind.
        for (dependency, flags) in HeaderDependencies.read(
            header, .oldSuggestsName, .oldSuggestsFlags, .oldSuggestsVersion)
        {
            if flags & HeaderDependency.strong != 0 {
                recommends.append(dependency)
            } else {
                suggests.append(dependency)
            }
        }
        for (dependency, flags) in HeaderDependencies.read(
            header, .oldEnhancesName, .oldEnhancesFlags, .oldEnhancesVersion)
        {
            if flags & HeaderDependency.strong != 0 {
                supplements.append(dependency)
            } else {
                enhances.append(dependency)
            }
        }
        requires = required(header, files)
    }

    private static func read(
        _ header: HeaderBlob, _ names: HeaderTag, _ flags: HeaderTag, _ versions: HeaderTag
    ) -> [(dependency: HeaderDependency, flags: UInt64)] {
        let texts = header.texts(names)
        let flags = header.numbers(flags)
        let versions = header.texts(versions)
        // rpm pairs them by their places.
        return (0..<min(texts.count, flags.count, versions.count)).map { index in
            let dependency = HeaderDependency(
                name: Array(header.bytes[texts[index]]), flags: flags[index], evr: header.bytes[versions[index]])
            return (dependency, flags[index])
        }
    }

    /// What is required of others: not rpm's own features, not the files that the package itself has, nothing twice in a row of one name, and of
    /// the versions of the C library the highest.
    private func required(_ header: HeaderBlob, _ files: Set<ArraySlice<UInt8>>) -> [HeaderDependency] {
        let provided = Set(provides.map(\.name))
        var last: [[UInt8]: HeaderDependency] = [:]
        var libc: HeaderDependency?
        var result: [HeaderDependency] = []
        for (found, flags) in HeaderDependencies.read(header, .requireName, .requireFlags, .requireVersion) {
            var dependency = found
            if dependency.name.starts(with: "rpmlib(".utf8) { continue }
            if dependency.name.first == UInt8(ascii: "/") {
                if provided.contains(dependency.name) { continue }
                if files.contains(dependency.name[...]), HeaderFile.isPrimary(dependency.name) { continue }
            }
            dependency.isPrerequisite = flags & HeaderDependency.prerequisite != 0
            if last[dependency.name] == dependency { continue }
            if dependency.name.starts(with: "libc.so.6".utf8) {
                if let known = libc, !LibraryVersion.isHigher(dependency.name, than: known.name) { continue }
                libc = dependency
                continue
            }
            last[dependency.name] = dependency
            result.append(dependency)
        }
        return result + (libc.map { [$0] } ?? [])
    }
}

/// `libc.so.6(GLIBC_2.34)(64bit)`: which of two names asks for more, by createrepo_c's rules.
private enum LibraryVersion {
    static func isHigher(_ new: [UInt8], than old: [UInt8]) -> Bool {
        // Something in parentheses is more than nothing, a number more than none.
        switch (content(old), content(new)) {
        case (_, nil): return false
        case (nil, _?): return true
        case (let old?, let new?):
            switch (version(old), version(new)) {
            case (_, nil): return false
            case (nil, _?): return true
            case (let old?, let new?):
                return old.withUnsafeBytes { old in new.withUnsafeBytes { RPMVersion.order(old, $0) < 0 } }
            }
        }
    }

    /// Between the first parentheses; nil without.
    private static func content(_ name: [UInt8]) -> ArraySlice<UInt8>? {
        guard let open = name.firstIndex(of: UInt8(ascii: "(")),
            let close = name[open...].firstIndex(of: UInt8(ascii: ")"))
        else { return nil }
        return name[(open + 1)..<close]
    }

    /// From the first digit on; nil without any.
    private static func version(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        content.firstIndex(where: \.isASCIIDigit).map { content[$0...] }
    }
}
