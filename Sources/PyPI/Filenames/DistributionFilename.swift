import Basics

/// What a file of a known project is, by its name. Without the project names are ambiguous (`foo-bar-1.0.tar.gz`).
public struct DistributionFilename: Sendable {
    public enum Kind: Sendable {
        case wheel(WheelFilename)
        /// A source distribution: `.tar.gz` or `.zip` (PEP 625), and `.tar.bz2`, `.tar.xz`, `.tar.Z`, `.tgz`, `.tar`, … of old.
        case source
        /// `.egg`, `.exe`, `.msi`, `.rpm`, `.deb`, `.dmg` and built archives: listed, but no present client takes them.
        case legacy
    }

    public let kind: Kind
    public let version: Version

    public var isSource: Bool { if case .source = kind { true } else { false } }
    public var wheel: WheelFilename? { if case .wheel(let wheel) = kind { wheel } else { nil } }

    private static let sourceEndings = [
        ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tar.z", ".tgz", ".tar", ".tar.lz", ".tar.lzma", ".tar.zst", ".tbz",
        ".tlz", ".txz",
    ]
    private static let legacyEndings = [".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg"]

    /// Nil if the name is not that of a file of this project, or has no version that PEP 440 knows.
    public init?(_ filename: String, of project: ProjectName) {
        if filename.utf8.ends(with: ".whl") {
            guard let wheel = WheelFilename(filename), wheel.name == project else { return nil }
            kind = .wheel(wheel)
            version = wheel.version
            return
        }
        let lower = filename.lowercasedASCII
        if let ending = DistributionFilename.sourceEndings.first(where: lower.hasSuffix) {
            let stem = filename.dropLast(ending.utf8.count)
            guard let rest = DistributionFilename.remainder(stem, of: project) else { return nil }
            if let version = Version(rest) {
                kind = .source
                self.version = version
                return
            }
            guard let version = DistributionFilename.leadingVersion(rest) else { return nil }
            kind = .legacy
            self.version = version
        } else if let ending = DistributionFilename.legacyEndings.first(where: lower.hasSuffix),
            let rest = DistributionFilename.remainder(filename.dropLast(ending.utf8.count), of: project),
            let version = DistributionFilename.leadingVersion(rest)
        {
            kind = .legacy
            self.version = version
        } else {
            return nil
        }
    }

    /// Whether a name is that of a distribution, of this or another project: clients pass over links to anything else.
    static func isDistribution(_ filename: String) -> Bool {
        let lower = filename.lowercasedASCII
        return lower.hasSuffix(".whl") || (sourceEndings + legacyEndings).contains(where: lower.hasSuffix)
    }

    /// What stands after the name and its separator.
    private static func remainder(_ stem: Substring, of project: ProjectName) -> Substring? {
        var wanted = Array(project.text.utf8)[...]
        var index = stem.utf8.startIndex
        while let next = wanted.popFirst() {
            guard index < stem.utf8.endIndex else { return nil }
            if next == UInt8(ascii: "-") {
                guard isSeparator(stem.utf8[index]) else { return nil }
                while index < stem.utf8.endIndex, isSeparator(stem.utf8[index]) {
                    index = stem.utf8.index(after: index)
                }
            } else {
                guard stem.utf8[index].asciiLowercased == next else { return nil }
                index = stem.utf8.index(after: index)
            }
        }
        guard index < stem.utf8.endIndex, isSeparator(stem.utf8[index]), stem.utf8[index] != UInt8(ascii: ".") else {
            return nil
        }
        return stem[stem.utf8.index(after: index)...]
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x2d || byte == 0x5f || byte == 0x2e }

    /// The version before a tag that is no part of it: `1.0-py2.7`, `1.0.win32-py2.7`, `1.0-1.noarch`.
    private static func leadingVersion(_ rest: Substring) -> Version? {
        if let dash = rest.firstIndex(where: { $0 == "-" || $0 == "_" }) {
            let head = rest[..<dash]
            if let version = Version(head) { return version }
            return withoutPlatform(head)
        }
        return Version(rest) ?? withoutPlatform(rest)
    }

    private static let platforms = [".win", ".linux", ".macosx", ".cygwin", ".noarch", ".src"]

    private static func withoutPlatform(_ text: Substring) -> Version? {
        var point = text.lastIndex(of: ".")
        while let at = point {
            if platforms.contains(where: text[at...].hasPrefix) { return Version(text[..<at]) }
            point = text[..<at].lastIndex(of: ".")
        }
        return nil
    }
}

/// The name and version of a source distribution whose project is not known: `{name}-{version}.tar.gz` or `.zip` (PEP 625).
public struct SourceFilename: Sendable {
    public let name: ProjectName
    public let version: Version

    public init?(_ filename: String) {
        let ending = filename.utf8.ends(with: ".tar.gz") ? 7 : filename.utf8.ends(with: ".zip") ? 4 : 0
        let stem = filename.dropLast(ending)
        guard ending > 0, let dash = stem.lastIndex(of: "-"), let name = ProjectName(stem[..<dash]),
            let version = Version(stem[stem.index(after: dash)...])
        else { return nil }
        self.name = name
        self.version = version
    }
}
