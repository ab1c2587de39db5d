import Basics
import Mirroring

/// Makes the catalog's rows of the stanzas of one index.
struct StanzaRows {
    private let group: [UInt8]
    private let rows: any PackageSink

    init(_ index: PublishedSuites.Index, _ rows: any PackageSink) {
        group = Array(index.group.utf8)
        self.rows = rows
    }

    /// - Parameters:
    ///   - file: what the stanza says of its file.
    ///   - digest: the file's, if the state has it.
    func add(_ package: PackagesStanza, _ file: PackageFile, digest: Digest?) throws {
        var fields = PackageFields()
        guard let name = name(package.stanza, &fields) else { return }
        fields.architecture = package.architecture ?? fields.architecture
        fields.summary = package.summary ?? fields.summary
        if let source = package.source, !source.elementsEqual(name) { fields.source = source }
        try withProvides(package.stanza) { provides in
            fields.provides = provides
            try add(&fields, package.stanza, file, digest)
        }
    }

    /// A source package is told by its .dsc.
    func add(_ source: SourcesStanza, _ control: PackageFile, digest: Digest?) throws {
        var fields = PackageFields()
        guard name(source.stanza, &fields) != nil else { return }
        try StanzaRows.source.withUnsafeBytes { text in
            fields.architecture = text
            try add(&fields, source.stanza, control, digest)
        }
    }

    private static let source = Array("source".utf8)

    /// What the two kinds share. Nil for a stanza that the sync has refused as well.
    private func name(_ stanza: Stanza, _ fields: inout PackageFields) -> UnsafeRawBufferPointer? {
        guard let name = stanza[.package], !name.isEmpty, let version = stanza[.version], !version.isEmpty,
            !name.holdsControlCharacter, !version.holdsControlCharacter
        else { return nil }
        fields.name = name
        fields.version = version
        fields.homepage = stanza[.homepage] ?? fields.homepage
        return name
    }

    private func add(
        _ fields: inout PackageFields, _ stanza: Stanza, _ file: PackageFile, _ digest: Digest?
    ) throws {
        fields.digest = digest
        fields.size = file.size
        if file.sha256 == nil { fields.alias = file.strongest }
        var copy = fields
        try group.withUnsafeBytes { group in
            copy.group = group
            try file.path.withDescription { path in
                copy.path = path
                try rows.add(copy)
            }
        }
    }

    /// `exim4, mail-transport-agent (= 4.96)` without versions and commas (Debian Policy 7.5).
    private func withProvides(_ stanza: Stanza, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let value = stanza[.provides], !value.isEmpty else {
            return try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        var names: [UInt8] = []
        names.reserveCapacity(value.count)
        var isInVersion = false
        for byte in value {
            if byte == UInt8(ascii: "(") { isInVersion = true }
            if isInVersion {
                if byte == UInt8(ascii: ")") { isInVersion = false }
            } else if byte > 0x20, byte != UInt8(ascii: ",") {
                names.append(byte)
            } else if names.last != nil, names.last != 0x20 {
                names.append(0x20)
            }
        }
        if names.last == 0x20 { names.removeLast() }
        try names.withUnsafeBytes(body)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var holdsControlCharacter: Bool { contains { $0 < 0x20 || $0 == 0x7f } }
}
