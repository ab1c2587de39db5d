import Basics

/// A stanza of a Sources file: one source package, made of several files. A view, valid as long as its ``Stanza`` is.
public struct SourcesStanza {
    public let stanza: Stanza
    private let errors: StanzaErrors

    /// - Parameter file: the index it stands in, for errors.
    public init(_ stanza: Stanza, file: String) {
        self.stanza = stanza
        errors = StanzaErrors(stanza: stanza, file: file)
    }

    /// `package 'nginx' 1.22.1-9`, for messages.
    public var displayName: String { errors.name }

    public var name: UnsafeRawBufferPointer { get throws { try errors.required(.package) } }
    public var version: UnsafeRawBufferPointer { get throws { try errors.required(.version) } }
    public var section: UnsafeRawBufferPointer? { stanza[.section] }
    public var priority: UnsafeRawBufferPointer? { stanza[.priority] }
    /// The names of the binary packages built from it.
    public var binaries: UnsafeRawBufferPointer? { stanza[.binary] }

    /// What Directory says, nil if it says nothing that can be a path.
    public var path: RepositoryPath? {
        guard let value = stanza[.directory] else { return nil }
        do { return try RepositoryPath(value) } catch { return nil }
    }

    /// The files of the package in the order of their first list.
    /// - Throws: ``ChantalError`` `malformed` or `unsafe_path`, naming the package, if Directory or a list is bad, if the lists contradict each
    ///   other or are missing, and, unless weak hashes are allowed, for a file without SHA256 or SHA512.
    public func packageFiles(allowWeak: Bool = false) throws -> [PackageFile] {
        try errors.refuseRepeated([
            .package, .version, .directory, .files, .checksumsSHA1, .checksumsSHA256, .checksumsSHA512,
        ])
        // Without one the files lie at the root, as apt reads it: apt-ftparchive writes none for a flat repository.
        let directory = stanza[.directory] ?? UnsafeRawBufferPointer(start: nil, count: 0)
        var merged = ReleaseEntries()
        try add(.checksumsSHA512, .sha512, directory, &merged)
        try add(.checksumsSHA256, .sha256, directory, &merged)
        try add(.checksumsSHA1, .sha1, directory, &merged)
        try add(.files, .md5, directory, &merged)
        guard !merged.entries.isEmpty else { throw errors.malformed("it lists no files") }
        return try merged.entries.map { entry in
            if entry.isWeak, !allowWeak { throw errors.weak(entry.path.description) }
            return PackageFile(path: entry.path, size: entry.size, checksums: entry.checksums)
        }
    }

    private func add(
        _ name: FieldName, _ algorithm: ChecksumAlgorithm, _ directory: UnsafeRawBufferPointer,
        _ merged: inout ReleaseEntries
    ) throws {
        guard let list = stanza[name] else { return }
        try list.forEachLine { line in
            if line.trimmed.isEmpty { return }
            guard let (hash, size, file) = line.threeWords, let bytes = size.decimal,
                let checksum = Checksum(algorithm, hexBytes: hash)
            else {
                throw errors.malformed(
                    "\(name) holds what is not 'hash size name': '\(line.slice(0..<min(200, line.count)).printable)'")
            }
            guard !file.contains(UInt8(ascii: "/")) else {
                throw errors.malformed("\(name) names '\(file.printable)', which is not in its directory")
            }
            do {
                // Checked by itself first: a name like '..' must not vanish into the directory.
                let own = try RepositoryPath(file)
                try merged.add(try path(directory, own), size: bytes, checksum, file: errors.name)
            } catch let error as ChantalError where error.code == .unsafePath {
                throw errors.unsafePath(error)
            }
        }
    }

    private func path(_ directory: UnsafeRawBufferPointer, _ file: RepositoryPath) throws -> RepositoryPath {
        directory.isEmpty ? file : try RepositoryPath(Array(directory) + [UInt8(ascii: "/")] + file.bytes)
    }
}
