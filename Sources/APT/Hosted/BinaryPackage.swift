import Archive
import Basics
import Mirroring

/// A .deb as it describes itself (`deb(5)`).
struct BinaryPackage {
    let identity: PackageIdentity
    /// The source package's name.
    let source: String
    let control: ControlFile

    /// - Throws: ``ChantalError`` `malformed` or `too_large` for what dpkg would not install, or could not be listed.
    init(_ reader: any BlobReader) throws {
        control = try ControlFile(try BinaryPackage.controlBytes(reader), file: "its control file")
        identity = try PackageIdentity(
            name: control.required(.package), version: control.required(.version),
            architecture: control.required(.architecture), file: "its control file")
        guard identity.architecture != "source" else {
            throw ChantalError(.malformed, "its control file says that it is for the architecture 'source'")
        }
        // `name (version)` where the source's version is another.
        let field = try control[.source] ?? identity.name
        source = String(field.prefix { $0 != " " && $0 != "(" })
        guard PackageIdentity.isName(source) else {
            throw ChantalError(.malformed, "'\(source)' in its control file is no name of a source package")
        }
    }

    /// Of a control archive; maintainer scripts and lists of checksums are some kilobytes.
    private static let controlLimits = ArchiveLimits(members: 10_000, bytes: 256 << 20)

    private static func controlBytes(_ reader: any BlobReader) throws -> [UInt8] {
        let outer = try ArchiveReader(.ar, reader)
        guard let first = try outer.next(), first.name.elementsEqual("debian-binary".utf8) else {
            throw ChantalError(.malformed, "it is no Debian package: it does not begin with 'debian-binary'")
        }
        let format = try outer.readAll(limit: 64)
        guard format.starts(with: Array("2.".utf8)) else {
            throw ChantalError(.malformed, "it is no Debian package of format 2")
        }
        var control: [UInt8]?
        var hasData = false
        while let member = try outer.next() {
            if isArchive(member.name, "control.tar") {
                guard control == nil, !hasData else {
                    throw ChantalError(.malformed, "it has a second control archive, or has it behind the data")
                }
                control = try controlFile(in: outer)
            } else if isArchive(member.name, "data.tar") {
                guard !hasData else { throw ChantalError(.malformed, "it has two data archives") }
                hasData = true
            } else if member.name.first != UInt8(ascii: "_") {
                let name = RepositoryPath(trusted: Array(member.name.prefix(100)))
                throw ChantalError(.malformed, "it has a part '\(name)' that no Debian package has")
            }
        }
        guard let control else { throw ChantalError(.malformed, "it has no control archive") }
        guard hasData else { throw ChantalError(.malformed, "it has no data archive: it may be cut off") }
        return control
    }

    /// The compressions that dpkg reads.
    private static func isArchive(_ name: [UInt8], _ stem: String) -> Bool {
        ["", ".gz", ".xz", ".zst", ".bz2", ".lzma"].contains { name.elementsEqual((stem + $0).utf8) }
    }

    private static func controlFile(in outer: ArchiveReader) throws -> [UInt8] {
        let inner = try ArchiveReader(.tar, limits: controlLimits) { try outer.read(into: $0) }
        var found: [UInt8]?
        while let member = try inner.next() {
            // The root itself is './'.
            if member.kind == .directory, member.name.allSatisfy({ $0 == 0x2e || $0 == 0x2f }), member.name.count <= 2 {
                continue
            }
            let path = try RepositoryPath(member.name)
            guard path.bytes.elementsEqual("control".utf8) else { continue }
            guard member.kind == .file else { throw ChantalError(.malformed, "its control file is no plain file") }
            guard found == nil else { throw ChantalError(.malformed, "it has two control files") }
            found = try inner.readAll(limit: ControlFile.sizeLimit)
        }
        guard let found else { throw ChantalError(.malformed, "it has no control file") }
        return found
    }

    /// The stanza of Packages: every field of the control file in its order, then where the package lies and what it hashes to.
    func stanza(_ upload: Upload, path: RepositoryPath) throws -> [UInt8] {
        var text = try control.with { stanza in
            ControlFields.fields(
                of: stanza,
                without: [.filename, .size, .md5sum, .sha1, .sha256, .sha512])
        }
        text += Array("Filename: ".utf8) + path.bytes + [0x0a]
        text += Array("Size: \(upload.stored.size)\n".utf8)
        for (name, algorithm) in [("MD5sum", ChecksumAlgorithm.md5), ("SHA256", .sha256), ("SHA512", .sha512)] {
            if let checksum = upload.checksum(algorithm) { text += Array("\(name): \(checksum.hex)\n".utf8) }
        }
        return text
    }
}

/// Parts of stanzas that chantal makes itself.
enum ControlFields {
    /// Fields as they stand there, each with its line break.
    static func fields(of stanza: Stanza, without excluded: [FieldName]) -> [UInt8] {
        let places = Set(excluded.compactMap { stanza.index(of: $0) })
        var text: [UInt8] = []
        for index in 0..<stanza.fieldCount where !places.contains(index) {
            text.append(contentsOf: stanza.raw(index))
            if text.last != 0x0a { text.append(0x0a) }
        }
        return text
    }
}
