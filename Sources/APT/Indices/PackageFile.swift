import Basics

/// A file that a stanza of Packages or Sources names, as it must be: where it lies, how large it is, what it hashes to.
public struct PackageFile: Sendable {
    /// Relative to the archive's root.
    public let path: RepositoryPath
    /// In bytes.
    public let size: Int64
    public let sha256: Digest?
    /// At most one of each other algorithm, from weakest to strongest; at least one if there is no SHA-256.
    public let others: [Checksum]

    public init(path: RepositoryPath, size: Int64, sha256: Digest?, others: [Checksum]) {
        self.path = path
        self.size = size
        self.sha256 = sha256
        self.others = others
    }

    public init(path: RepositoryPath, size: Int64, checksums: [Checksum]) {
        self.init(
            path: path, size: size, sha256: checksums.lazy.compactMap(\.sha256).first,
            others: checksums.filter { $0.algorithm != .sha256 })
    }

    /// All of them, from weakest to strongest.
    public var checksums: [Checksum] {
        (others + (sha256.map { [Checksum($0)] } ?? [])).sorted { $0.algorithm < $1.algorithm }
    }

    public var strongest: Checksum {
        guard let sha256 else { return others[others.count - 1] }
        if let last = others.last, last.algorithm > .sha256 { return last }
        return Checksum(sha256)
    }

    /// Whether nothing but MD5 or SHA1 vouches for the file.
    public var isWeak: Bool { sha256 == nil && !others.contains { $0.algorithm.isStrong } }
}

/// What the stanza readers share: errors that name package, version and index.
struct StanzaErrors {
    let stanza: Stanza
    let file: String

    var name: String {
        guard let package = stanza[.package]?.firstLine, !package.isEmpty else { return "stanza \(stanza.number)" }
        let version = stanza[.version].map { " \($0.firstLine.printable)" } ?? ""
        return "package '\(package.printable)'\(version)"
    }

    func malformed(_ what: String) -> ChantalError {
        ChantalError(.malformed, "\(name) in \(file) is refused: \(what)", path: file)
    }

    func unsafePath(_ error: ChantalError) -> ChantalError {
        error.within("\(name) in \(file) is refused")
    }

    func weak(_ path: String) -> ChantalError {
        ChantalError(
            .malformed, "\(name) in \(file) is refused: nothing stronger than MD5 or SHA1 vouches for '\(path)'",
            hint: "set allow_weak_hashes if you accept that", path: file)
    }

    /// A field on one line that must be there.
    func required(_ name: FieldName) throws -> UnsafeRawBufferPointer {
        guard let value = stanza[name], !value.isEmpty else { throw malformed("it has no \(name)") }
        guard !value.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw malformed("its \(name) holds a control character or more than one line")
        }
        return value
    }

    func decimal(_ bytes: UnsafeRawBufferPointer, _ name: FieldName) throws -> Int64 {
        guard let number = bytes.decimal else { throw malformed("its \(name) '\(bytes.printable)' is no number") }
        return number
    }

    /// - Throws: if one of the fields that decide what is fetched stands twice: readers differ in which one counts.
    func refuseRepeated(_ names: [FieldName]) throws {
        guard stanza.duplicateIndex >= 0 else { return }
        for name in names where stanza.repeats(name) { throw malformed("it holds \(name) twice") }
    }
}
