import Basics
import Compression
import Hashing
import Mirroring
import OpenPGP

/// Writes the metadata of a filtered repository or of a view: all of it anew, and consistent with itself.
struct RepositoryComposer {
    let session: SyncSession
    /// What the packages are described by; each of their packages is in the store.
    let sources: [MetadataSource]
    let stored: (RepositoryPath) -> StoredFile?
    let format: CompressionFormat
    let comps: Comps?
    /// Of the sources, in their order.
    let modules: [ModuleFile]
    /// Whether a stream is kept, by module and stream.
    let keepsStream: (String, String) -> Bool
    /// Nil leaves the metadata unsigned.
    let signer: Signer?

    static let armoredKey = RepositoryPath(trusted: Array("chantal-key.asc".utf8))
    static let binaryKey = RepositoryPath(trusted: Array("chantal-key.gpg".utf8))
    private var packages: some Sequence<SelectedPackage> { sources.lazy.flatMap(\.packages) }

    /// - Returns: the entries of all files written.
    func compose() throws -> [ManifestEntry] {
        let places = PackagePlaces(sources)
        var records = [try writePrimary(places)]
        records.append(try writeList("filelists", root: "filelists", places) { $0.filelists })
        records.append(try writeList("other", root: "otherdata", places) { $0.other })
        let names = Set(packages.map(\.name))
        if let kept = comps?.filtered(keeping: names.contains), !kept.isEmpty {
            records.append(
                try RecordWriter.write("group", name: "comps.xml", .none, session: session) {
                    try $0.write(kept.bytes())
                })
        }
        if let record = try writeAdvisories() { records.append(record) }
        if let record = try writeModules() { records.append(record) }
        for file in sources.lazy.map({ $0.files.filter { RepositoryComposer.isCarried($0.record) } })
            .first(where: { !$0.isEmpty }) ?? []
        {
            records.append(try carried(file))
        }
        let revision = packages.map(\.buildTime).max() ?? 0
        return try RepositoryComposer.publish(records, revision: revision, signer: signer, session: session)
    }

    /// Writes repomd.xml with its signature and the key.
    /// - Returns: the entries of these and of the records.
    static func publish(
        _ records: [WrittenRecord], revision: Int64, signer: Signer?, session: SyncSession
    ) throws -> [ManifestEntry] {
        var entries = records.map { ManifestEntry($0.path, $0.file, role: .metadata) }
        let repomd = RepomdText.render(records, revision: revision)
        func add(_ path: RepositoryPath, _ file: StoredFile) {
            entries.append(ManifestEntry(path, file, role: .pointer))
        }
        let root = try session.put(repomd)
        add(Repomd.path, root)
        guard let signer else { return entries }
        let key = try session.put(try signer.publicKey(armored: true))
        let known = try knownSignature(of: root, key, session)
        add(Repomd.signaturePath, try known ?? session.put(try signer.detached(repomd)))
        // zypper looks for the key beside the signature.
        add(Repomd.keyPath, key)
        add(RepositoryComposer.armoredKey, key)
        add(RepositoryComposer.binaryKey, try session.put(try signer.publicKey(armored: false)))
        return entries
    }

    /// The signature in force, if it is that of this very repomd.xml with this key: another would make another state of the same content.
    private static func knownSignature(
        of root: StoredFile, _ key: StoredFile, _ session: SyncSession
    ) throws -> StoredFile? {
        guard let manifest = try session.previousState()?.manifest, manifest[Repomd.path]?.digest == root.digest,
            manifest[Repomd.keyPath]?.digest == key.digest, let signature = manifest[Repomd.signaturePath],
            try session.holds([signature.digest]) == [true]
        else { return nil }
        return StoredFile(digest: signature.digest, size: signature.size)
    }

    /// Records that tell nothing of single packages, and so hold for a part of them as well.
    static func isCarried(_ record: RepomdRecord) -> Bool { record.type == "productid" }

    private func carried(_ file: MirroredMetadata.File) throws -> WrittenRecord {
        let name = file.record.location.path
        let path =
            file.record.isNamedByContent
            ? name : RepositoryPath(trusted: Array("repodata/\(file.file.digest.hex)-".utf8) + name.name)
        var hasher = SHA256Hasher()
        var size: Int64 = 0
        try RecordReader.read(file.record, of: session.open(file.file.digest)) { bytes in
            hasher.update(bytes)
            size += Int64(bytes.count)
        }
        return WrittenRecord(
            type: file.record.type, path: path, file: file.file, openChecksum: hasher.finish(), openSize: size)
    }

    // MARK: - Packages

    /// What changes of a package: its place, and its pkgid if upstream's is none to rely on.
    private func changes(_ package: SelectedPackage) -> ElementRewriter.Changes {
        let digest = package.checksum.algorithm.isStrong ? nil : stored(package.path)?.digest
        return ElementRewriter.Changes(path: package.path, digest: digest)
    }

    private func writePrimary(_ places: PackagePlaces) throws -> WrittenRecord {
        try RecordWriter.write("primary", name: "primary.xml", format, session: session) { writer in
            try writer.write(
                "\(RepositoryComposer.declaration)<metadata xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\" packages=\"\(places.count)\">\n"
            )
            let output = OrderedOutput(writer, session: session)
            for (index, source) in sources.enumerated() where !source.packages.isEmpty {
                try writePrimary(of: source, places[index], to: output)
            }
            try output.finish(count: places.count)
            try writer.write("</metadata>\n")
        }
    }

    private func writePrimary(of source: MetadataSource, _ places: [Int], to output: OrderedOutput) throws {
        guard let primary = source["primary"] else { throw ChantalError(.bug, "there is no primary") }
        var index = 0
        let elements = PackageElementReader(session: session, file: primary)
        let rewriting = try PackageRewriting(file: elements.name)
        try elements.read { number, package in
            guard index < source.packages.count, source.packages[index].number == number else { return }
            try rewriting.rewrite(package, changes(source.packages[index])) { try output.write($0, at: places[index]) }
            index += 1
        }
        try rewriting.finish()
    }

    /// Writes filelists or other: upstream's text of each package; where it has none, what the package itself says.
    private func writeList(
        _ type: String, root: String, _ places: PackagePlaces, _ element: (PackageElements) -> [UInt8]
    ) throws -> WrittenRecord {
        try RecordWriter.write(type, name: "\(type).xml", format, session: session) { writer in
            let space = type == "other" ? "other" : "filelists"
            try writer.write(
                "\(RepositoryComposer.declaration)<\(root) xmlns=\"http://linux.duke.edu/metadata/\(space)\" packages=\"\(places.count)\">\n"
            )
            let output = OrderedOutput(writer, session: session)
            for (index, source) in sources.enumerated() {
                try writeList(type, of: source, places[index], element, to: output)
            }
            try output.finish(count: places.count)
            try writer.write("</\(root)>\n")
        }
    }

    private func writeList(
        _ type: String, of source: MetadataSource, _ places: [Int], _ element: (PackageElements) -> [UInt8],
        to output: OrderedOutput
    ) throws {
        let packages = source.packages
        var open: [[UInt8]: Int] = [:]
        for (index, package) in packages.enumerated() { open[Array(package.checksum.hex.utf8)] = index }
        if let file = source[type], !packages.isEmpty {
            let elements = PackageElementReader(session: session, file: file)
            let rewriting = try PackageRewriting(file: elements.name)
            try elements.read { _, package in
                guard let id = PackageSplitter.attribute("pkgid", of: package),
                    let index = open.removeValue(forKey: Array(id))
                else { return }
                try rewriting.rewrite(package, changes(packages[index])) { try output.write($0, at: places[index]) }
            }
            try rewriting.finish()
        }
        for index in open.values.sorted() {
            try element(try elements(of: packages[index])).withUnsafeBytes { try output.write($0, at: places[index]) }
        }
    }

    private func elements(of package: SelectedPackage) throws -> PackageElements {
        guard let file = stored(package.path) else {
            throw ChantalError(.bug, "'\(package.path)' is not in the store", path: package.path.description)
        }
        let header = try PackageHeader.read(session.open(file.digest), name: package.path.description)
        var origin = PackageElements.Origin(
            digest: file.digest, size: file.size, fileTime: Timestamp(seconds: package.buildTime),
            location: package.path)
        if let sha256 = package.checksum.sha256 { origin.digest = sha256 }
        return try PackageElements(header, origin)
    }

    static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

    // MARK: - Documents

    private func writeAdvisories() throws -> WrittenRecord? {
        let files = sources.compactMap { $0["updateinfo"] }
        if files.isEmpty { return nil }
        let kept = KeptPackages(packages)
        let updates = UpdateInfo(
            files.map { file in
                (
                    file: file.record.location.path.description,
                    read: { body in try RecordReader.read(file.record, of: session.open(file.file.digest), body) }
                )
            })
        var count = 0
        let record = try RecordWriter.write("updateinfo", name: "updateinfo.xml", format, session: session) { writer in
            count = try updates.write(keeping: kept.contains) { try writer.write($0) }
        }
        return count > 0 ? record : nil
    }

    private func writeModules() throws -> WrittenRecord? {
        if modules.isEmpty { return nil }
        let present = Set(packages.filter(\.isModular).map(\.nevra))
        let selection = try ModuleSelection(modules, keeping: keepsStream, isPresent: present.contains)
        for warning in selection.warnings { session.warn(warning) }
        guard let bytes = selection.bytes else { return nil }
        return try RecordWriter.write("modules", name: "modules.yaml", format, session: session) { try $0.write(bytes) }
    }
}
