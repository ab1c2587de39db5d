import Basics

/// What the three metadata documents of a repository say of a package, computed from its header: createrepo's job.
struct PackageElements: Sendable {
    /// `<package>…</package>` for primary, with a line end.
    let primary: [UInt8]
    let filelists: [UInt8]
    let other: [UInt8]

    /// What is not in the header.
    struct Origin: Sendable {
        /// The package's SHA-256: its `pkgid`.
        var digest: Digest
        /// Of the file, in bytes.
        var size: Int64
        /// When the file came into the repository.
        var fileTime: Timestamp
        /// Where it is, relative to the repository.
        var location: RepositoryPath
    }

    /// As many as createrepo_c lists without being asked for more.
    static let changelogLimit = 10

    /// - Throws: `malformed` for a header without name, version, release or architecture, or with lists that do not fit.
    init(_ header: PackageHeader, _ origin: Origin, changelogLimit: Int = PackageElements.changelogLimit) throws {
        let name = "\(origin.location)"
        let identity = try HeaderIdentity(header, name: name)
        let files = try HeaderFile.all(of: header.main, name: name)
        primary = PackageElements.primary(header, identity, origin, files)
        var opening = ElementWriter()
        opening.raw("<package pkgid=\"\(origin.digest.hex)\"")
        opening.attribute("name", identity.name)
        opening.attribute("arch", identity.architecture)
        opening.raw(">\n  <version")
        identity.writeVersion(to: &opening)
        opening.raw("/>\n")
        var filelists = opening
        for file in files { filelists.file(file, indent: 2) }
        filelists.raw("</package>\n")
        self.filelists = filelists.bytes
        var other = opening
        for entry in HeaderChangelog.latest(header.main, changelogLimit) {
            other.raw("  <changelog")
            other.attribute("author", entry.author)
            other.raw(" date=\"\(entry.date)\"")
            other.element(continuing: "changelog", HeaderText.cured(entry.text))
        }
        other.raw("</package>\n")
        self.other = other.bytes
    }

    private static func primary(
        _ header: PackageHeader, _ identity: HeaderIdentity, _ origin: Origin, _ files: [HeaderFile]
    ) -> [UInt8] {
        let main = header.main
        func text(_ tag: HeaderTag) -> [UInt8] { main.text(tag).map { HeaderText.cured($0) } ?? [] }
        var writer = ElementWriter()
        writer.raw("<package type=\"rpm\">\n")
        writer.element("name", identity.name, indent: 2)
        writer.element("arch", identity.architecture, indent: 2)
        writer.raw("  <version")
        identity.writeVersion(to: &writer)
        writer.raw("/>\n")
        writer.element(
            "checksum", Array(origin.digest.hex.utf8), indent: 2, attributes: " type=\"sha256\" pkgid=\"YES\"")
        writer.element("summary", text(.summary), indent: 2)
        writer.element("description", text(.description), indent: 2)
        writer.element("packager", text(.packager), indent: 2)
        writer.element("url", text(.url), indent: 2)
        writer.raw("  <time file=\"\(origin.fileTime.seconds)\" build=\"\(main.number(.buildTime) ?? 0)\"/>\n")
        writer.raw(
            "  <size package=\"\(origin.size)\" installed=\"\(header.installedSize)\" archive=\"\(header.archiveSize)\"/>\n"
        )
        writer.raw("  <location")
        writer.attribute("href", HeaderText.cured(origin.location.bytes))
        writer.raw("/>\n  <format>\n")
        writer.element("rpm:license", text(.license), indent: 4)
        writer.element("rpm:vendor", text(.vendor), indent: 4)
        writer.element("rpm:group", text(.group), indent: 4)
        writer.element("rpm:buildhost", text(.buildHost), indent: 4)
        writer.element("rpm:sourcerpm", text(.sourceRPM), indent: 4)
        writer.raw(
            "    <rpm:header-range start=\"\(header.range.lowerBound)\" end=\"\(header.range.upperBound)\"/>\n")
        let dependencies = HeaderDependencies(main, files: Set(files.map { $0.path[...] }))
        writer.dependencies("provides", dependencies.provides)
        writer.dependencies("requires", dependencies.requires)
        writer.dependencies("conflicts", dependencies.conflicts)
        writer.dependencies("obsoletes", dependencies.obsoletes)
        writer.dependencies("suggests", dependencies.suggests)
        writer.dependencies("enhances", dependencies.enhances)
        writer.dependencies("recommends", dependencies.recommends)
        writer.dependencies("supplements", dependencies.supplements)
        for file in files where HeaderFile.isPrimary(file.path) { writer.file(file, indent: 4) }
        writer.raw("  </format>\n</package>\n")
        return writer.bytes
    }
}

extension ElementWriter {
    /// Ends an open tag, and the element after its text.
    fileprivate mutating func element(continuing name: String, _ text: [UInt8]) {
        raw(">")
        self.text(text)
        raw("</\(name)>\n")
    }

    fileprivate mutating func file(_ file: HeaderFile, indent: Int) {
        element(
            "file", HeaderText.cured(file.path), indent: indent,
            attributes: file.kind == .file ? "" : " type=\"\(file.kind.rawValue)\"")
    }

    fileprivate mutating func dependencies(_ name: String, _ entries: [HeaderDependency]) {
        if entries.isEmpty { return }
        raw("    <rpm:\(name)>\n")
        for entry in entries where !entry.name.isEmpty {
            raw("      <rpm:entry")
            attribute("name", HeaderText.cured(entry.name))
            if let relation = entry.relation {
                raw(" flags=\"\(relation)\"")
                for (key, value) in [("epoch", entry.epoch), ("ver", entry.version), ("rel", entry.release)]
                where !value.isEmpty {
                    attribute(key, HeaderText.cured(value))
                }
            }
            raw(entry.isPrerequisite ? " pre=\"1\"/>\n" : "/>\n")
        }
        raw("    </rpm:\(name)>\n")
    }
}

extension PackageHeader {
    /// Of the installed files, in bytes.
    var installedSize: UInt64 { main.number(.longSize) ?? main.number(.size) ?? 0 }

    /// Of the payload before compression, in bytes. rpm keeps it beside the signatures.
    var archiveSize: UInt64 {
        signature.number(.longArchiveSize) ?? main.number(.archiveSize) ?? signature.number(.payloadSize) ?? 0
    }
}

/// What names a package.
struct HeaderIdentity: Sendable {
    let name: [UInt8]
    /// A number; 0 without one.
    let epoch: UInt64
    let version: [UInt8]
    let release: [UInt8]
    /// `src` for a source package.
    let architecture: [UInt8]
    let isSource: Bool

    init(_ header: PackageHeader, name file: String) throws {
        func text(_ tag: HeaderTag, _ word: String) throws -> [UInt8] {
            let value = header.main.text(tag).map { HeaderText.cured($0) } ?? []
            // They make file names and lines of text elsewhere.
            guard !value.isEmpty, value.count <= 512, !value.contains(where: { $0 <= 0x20 || $0 == 0x2f }) else {
                throw ChantalError(
                    .malformed, "the package \(file) has no usable \(word)", hint: "the file is damaged", path: file)
            }
            return value
        }
        name = try text(.name, "name")
        version = try text(.version, "version")
        release = try text(.release, "release")
        epoch = header.main.number(.epoch) ?? 0
        isSource = header.main.number(.sourcePackage).map { $0 != 0 } ?? (header.main.entry(.sourceRPM) == nil)
        architecture = isSource ? Array("src".utf8) : try text(.arch, "architecture")
    }

    /// The attributes of `<version/>`.
    func writeVersion(to writer: inout ElementWriter) {
        writer.raw(" epoch=\"\(epoch)\"")
        writer.attribute("ver", version)
        writer.attribute("rel", release)
    }
}

/// An entry of a package's changelog.
struct HeaderChangelog {
    var author: [UInt8]
    /// Seconds since 1970.
    var date: Int64
    var text: ArraySlice<UInt8>

    /// The latest entries, oldest first. Entries of one moment get different ones, as createrepo does, so that their order is kept.
    static func latest(_ header: HeaderBlob, _ limit: Int) -> [HeaderChangelog] {
        let times = header.numbers(.changelogTime)
        let authors = header.texts(.changelogName)
        let texts = header.texts(.changelogText)
        var entries: [HeaderChangelog] = []
        var last: Int64?
        for index in 0..<min(times.count, authors.count, texts.count, limit) {
            let time = Int64(clamping: times[index])
            var author = HeaderText.cured(header.bytes[authors[index]])
            while author.count > 1, author.last == 0x20 { author.removeLast() }
            if last == time {
                // Those before, from the nearest on, as long as they stand at the moment that was just taken.
                var taken = time
                for before in entries.indices.reversed() where entries[before].date == taken {
                    entries[before].date += 1
                    taken += 1
                }
            } else {
                last = time
            }
            entries.append(HeaderChangelog(author: author, date: time, text: header.bytes[texts[index]]))
        }
        return entries.reversed()
    }
}
