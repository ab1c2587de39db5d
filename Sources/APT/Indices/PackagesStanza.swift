import Basics

/// A stanza of a Packages file: one binary package. A view, valid as long as its ``Stanza`` is.
public struct PackagesStanza {
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
    public var architecture: UnsafeRawBufferPointer? { stanza[.architecture] }
    public var section: UnsafeRawBufferPointer? { stanza[.section] }
    public var priority: UnsafeRawBufferPointer? { stanza[.priority] }
    /// The first line of Description.
    public var summary: UnsafeRawBufferPointer? { stanza[.summary]?.firstLine }
    /// What its Translation entries are found by.
    public var descriptionMD5: UnsafeRawBufferPointer? { stanza[.descriptionMD5] }

    /// The name of the source package, without the version that may follow in parentheses; the package's own name if none is given.
    public var source: UnsafeRawBufferPointer? {
        guard let value = stanza[.source] ?? stanza[.package] else { return nil }
        var end = 0
        while end < value.count, !value[end].isASCIISpace, value[end] != 0x28 { end += 1 }
        return value.slice(0..<end)
    }

    /// What Filename says, nil if it says nothing that can be a path.
    public var path: RepositoryPath? {
        guard let value = stanza[.filename] else { return nil }
        do { return try RepositoryPath(value) } catch { return nil }
    }

    /// Where the package's file lies and what vouches for it.
    /// - Throws: ``ChantalError`` `malformed` or `unsafe_path`, naming the package, for a missing or bad Filename, Size or hash, for such a field
    ///   that stands twice, and, unless weak hashes are allowed, if there is no SHA256 or SHA512.
    public func packageFile(allowWeak: Bool = false) throws -> PackageFile {
        try errors.refuseRepeated([.package, .version, .filename, .size, .md5sum, .sha1, .sha256, .sha512])
        let path: RepositoryPath
        do {
            path = try RepositoryPath(try errors.required(.filename))
        } catch let error as ChantalError where error.code == .unsafePath {
            throw errors.unsafePath(error)
        }
        let size = try errors.decimal(try errors.required(.size), .size)
        func refuse(_ name: FieldName, _ value: UnsafeRawBufferPointer) -> ChantalError {
            errors.malformed("its \(name) '\(value.printable)' is no such hash")
        }
        var sha256: Digest?
        if let value = stanza[.sha256] {
            sha256 = Digest(hex: value)
            if sha256 == nil { throw refuse(.sha256, value) }
        }
        var others: [Checksum] = []
        func add(_ name: FieldName, _ algorithm: ChecksumAlgorithm) throws {
            guard let value = stanza[name] else { return }
            guard let checksum = Checksum(algorithm, hexBytes: value) else { throw refuse(name, value) }
            others.append(checksum)
        }
        try add(.md5sum, .md5)
        try add(.sha1, .sha1)
        try add(.sha512, .sha512)
        if sha256 == nil, others.isEmpty { throw errors.malformed("no hash vouches for '\(path)'") }
        let file = PackageFile(path: path, size: size, sha256: sha256, others: others)
        if !allowWeak, file.isWeak { throw errors.weak(path.description) }
        return file
    }
}
