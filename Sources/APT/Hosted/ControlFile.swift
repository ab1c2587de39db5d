import Basics
import Mirroring

/// A file of exactly one stanza: the control file of a package, a .dsc, a .changes (`deb-control(5)`, `dsc(5)`, `deb-changes(5)`).
struct ControlFile {
    /// Bytes that are read of one at most: the largest have some ten thousand.
    static let sizeLimit = 1 << 20

    private let bytes: [UInt8]
    private let file: String

    /// - Parameters:
    ///   - bytes: may be signed as a text; the signature is not looked at.
    ///   - file: what errors call it.
    /// - Throws: ``ChantalError`` `malformed` if it is no single stanza or holds a field twice, `too_large`.
    init(_ bytes: [UInt8], file: String) throws {
        guard bytes.count <= ControlFile.sizeLimit else {
            throw ChantalError(.tooLarge, "\(file) is larger than \(ByteCount.text(Int64(ControlFile.sizeLimit)))")
        }
        let isSigned = bytes.starts(with: Array("-----BEGIN PGP SIGNED MESSAGE-----".utf8))
        self.bytes = isSigned ? try Clearsign.unverifiedText(bytes, file: file) : bytes
        self.file = file
        var count = 0
        try scan { stanza in
            count += 1
            if let name = stanza.duplicateName {
                throw ChantalError(.malformed, "\(file) holds the field '\(name)' twice")
            }
        }
        guard count == 1 else {
            throw ChantalError(.malformed, "\(file) holds \(count) stanzas, and it must be one")
        }
    }

    private func scan(_ body: (Stanza) throws -> Void) throws {
        var scanner = StanzaScanner(file: file)
        try bytes.withUnsafeBytes { try scanner.write($0, body) }
        try scanner.finish(body)
    }

    /// Hands out the stanza, valid within the call.
    func with<Result>(_ body: (Stanza) throws -> Result) throws -> Result {
        var result: Result?
        try scan { result = try body($0) }
        guard let result else { throw ChantalError(.malformed, "\(file) is empty") }
        return result
    }

    /// The value of a field that has to be there, on one line.
    func required(_ name: FieldName) throws -> String {
        try with { stanza in
            guard let value = stanza[name], !value.isEmpty else {
                throw ChantalError(.malformed, "\(file) has no \(name)")
            }
            guard !value.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 >= 0x80 }) else {
                throw ChantalError(.malformed, "the \(name) in \(file) is no plain word on one line")
            }
            return value.text
        }
    }

    subscript(name: FieldName) -> String? {
        get throws { try with { stanza in stanza[name].map { $0.firstLine.printable } } }
    }
}

/// What a package is called, checked: the words become file names and lines of an index.
struct PackageIdentity: Hashable {
    let name: String
    let version: String
    /// `source` for a source package.
    let architecture: String

    /// - Throws: ``ChantalError`` `malformed` for a name, version or architecture that dpkg would refuse.
    init(name: String, version: String, architecture: String, file: String) throws {
        guard PackageIdentity.isName(name) else {
            throw ChantalError(
                .malformed, "'\(name)' in \(file) is no name of a package",
                hint: "letters, digits and +-._, beginning with a letter or digit")
        }
        if let defect = Array(version.utf8).withUnsafeBytes(DebianVersion.defect) {
            throw ChantalError(.malformed, "'\(version)' in \(file) is no version: \(defect)")
        }
        try ArchiveToken.check(architecture: architecture, file: file)
        self.name = name
        self.version = version
        self.architecture = architecture
    }

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetter || first.isASCIIDigit, text.utf8.count <= 200 else {
            return false
        }
        return text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "+-._".utf8.contains($0) }
    }

    /// The version in file names, where no epoch stands.
    var fileVersion: Substring {
        guard let colon = version.firstIndex(of: ":") else { return version[...] }
        return version[version.index(after: colon)...]
    }

    /// `hello 1.0 (amd64)`, for messages.
    var label: String { "\(name) \(version) (\(architecture))" }

    /// What users call it: as apt does (`hello=1.0`, `hello:amd64`, `src:hello`), and by its file.
    func spellings(file: String) -> [String] {
        if architecture == "source" { return ["src:\(name)", "src:\(name)=\(version)", file] }
        return [
            name, "\(name)=\(version)", "\(name):\(architecture)", "\(name)=\(version):\(architecture)",
            "\(name):\(architecture)=\(version)", file,
        ]
    }

    static let spellingForm =
        "NAME, NAME=VERSION, NAME:ARCHITECTURE or by its file's name, a source package src:NAME or src:NAME=VERSION"
}
