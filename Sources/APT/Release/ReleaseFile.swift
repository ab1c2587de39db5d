import Basics

/// A Release file: what a suite is, and every file that belongs to it (Debian's repository format).
public struct ReleaseFile: Sendable {
    /// Largest Release file that is read, in bytes.
    public static let sizeLimit: Int64 = 10_000_000

    /// A field with its value on one line.
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    /// The fields in their order, without the lists of hashes.
    public let fields: [Field]
    /// The listed files in the order in which they first appear; no path stands twice.
    public let entries: [ReleaseEntry]
    public let date: Timestamp?
    public let validUntil: Timestamp?
    /// The lists that stand in the file, empty ones included.
    public let algorithms: Set<ChecksumAlgorithm>

    /// The value of a field (name in any case of letters), nil if it is missing or empty.
    public subscript(_ name: String) -> String? {
        let wanted = name.lowercased()
        guard let value = fields.first(where: { $0.name.lowercased() == wanted })?.value, !value.isEmpty else {
            return nil
        }
        return value
    }

    public var origin: String? { self["Origin"] }
    public var label: String? { self["Label"] }
    public var suite: String? { self["Suite"] }
    public var codename: String? { self["Codename"] }
    public var version: String? { self["Version"] }
    public var summary: String? { self["Description"] }
    public var changelogs: String? { self["Changelogs"] }
    public var snapshots: String? { self["Snapshots"] }
    public var architectures: [String] { words("Architectures") }
    public var components: [String] { words("Components") }
    public var notAutomatic: Bool { isTrue("NotAutomatic") }
    public var butAutomaticUpgrades: Bool { isTrue("ButAutomaticUpgrades") }
    /// Whether files are also at `by-hash/<algorithm>/<hash>` beside their names.
    public var acquireByHash: Bool { isTrue("Acquire-By-Hash") }
    /// Whether the Packages of each architecture hold the packages of architecture `all` too.
    public var packagesHoldAll: Bool { words("No-Support-for-Architecture-all").contains("Packages") }

    /// The strongest list: what upstream's by-hash directories are named after.
    public var strongestAlgorithm: ChecksumAlgorithm? { algorithms.max() }

    /// Whether no list is stronger than SHA1.
    public var isWeak: Bool { !algorithms.contains { $0.isStrong } }

    private func words(_ name: String) -> [String] {
        self[name]?.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\n" }).map(String.init) ?? []
    }

    private func isTrue(_ name: String) -> Bool {
        guard let value = self[name]?.lowercased() else { return false }
        return ["yes", "true", "with", "on", "enable", "1"].contains(value)
    }
}

extension ReleaseFile {
    /// Reads the bytes of a Release file, those that a signature vouches for.
    /// - Parameter file: its name, for errors.
    /// - Throws: ``ChantalError`` `malformed` if it is no single stanza, if a date, a size or a hash is none, or if it contradicts itself;
    ///   `unsafe_path` for a path that would leave the suite's directory; `too_large` above ``sizeLimit``.
    public init(parsing bytes: [UInt8], file: String) throws {
        guard bytes.count <= ReleaseFile.sizeLimit else {
            throw ChantalError(.tooLarge, "\(file) is larger than \(ReleaseFile.sizeLimit) bytes", path: file)
        }
        var result: ReleaseFile?
        func take(_ stanza: Stanza) throws {
            guard result == nil else {
                throw ChantalError(.malformed, "\(file) holds more than one stanza", path: file)
            }
            result = try ReleaseFile(stanza, file: file)
        }
        var scanner = StanzaScanner(file: file, limits: .release)
        try bytes.withUnsafeBytes { try scanner.write($0, take) }
        try scanner.finish(take)
        guard let result else { throw ChantalError(.malformed, "\(file) is empty", path: file) }
        self = result
    }

    private init(_ stanza: Stanza, file: String) throws {
        if let name = stanza.duplicateName {
            throw ChantalError(.malformed, "\(file) holds the field '\(name)' twice", path: file)
        }
        var fields: [Field] = []
        var lists: Set<ChecksumAlgorithm> = []
        var entries = ReleaseEntries()
        for index in 0..<stanza.fieldCount {
            let name = stanza.name(index)
            let value = stanza.value(index)
            if let algorithm = ReleaseFile.algorithm(name) {
                lists.insert(algorithm)
                try ReleaseFile.read(value, algorithm, into: &entries, file: file)
            } else {
                fields.append(Field(name: name.text, value: value.folded))
            }
        }
        self.fields = fields
        self.entries = entries.entries
        algorithms = lists
        func time(_ wanted: String) throws -> Timestamp? {
            guard let field = fields.first(where: { $0.name.lowercased() == wanted }) else { return nil }
            guard let time = Timestamp(rfc2822: field.value) else {
                throw ChantalError(.malformed, "\(file): \(field.name) '\(field.value)' is no date", path: file)
            }
            return time
        }
        date = try time("date")
        validUntil = try time("valid-until")
    }

    private static func algorithm(_ name: UnsafeRawBufferPointer) -> ChecksumAlgorithm? {
        if name.equalsIgnoringCase("MD5Sum") { return .md5 }
        if name.equalsIgnoringCase("SHA1") { return .sha1 }
        if name.equalsIgnoringCase("SHA256") { return .sha256 }
        if name.equalsIgnoringCase("SHA512") { return .sha512 }
        return nil
    }

    private static func read(
        _ list: UnsafeRawBufferPointer, _ algorithm: ChecksumAlgorithm, into entries: inout ReleaseEntries, file: String
    ) throws {
        try list.forEachLine { line in
            if line.trimmed.isEmpty { return }
            guard let (hash, size, path) = line.threeWords, let bytes = size.decimal,
                let checksum = Checksum(algorithm, hexBytes: hash)
            else {
                throw ChantalError(
                    .malformed,
                    "\(file) lists under \(algorithm.rawValue.uppercased()) what is not 'hash size path': "
                        + "'\(line.slice(0..<min(200, line.count)).printable)'", path: file)
            }
            do {
                try entries.add(try RepositoryPath(path), size: bytes, checksum, file: file)
            } catch let error as ChantalError where error.code == .unsafePath {
                throw error.within("\(file) is refused")
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// A value on one line: each line break with the blanks around it becomes one space.
    var folded: String {
        guard contains(0x0a) else { return printable }
        var lines: [String] = []
        forEachLine { lines.append($0.trimmed.printable) }
        return lines.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
