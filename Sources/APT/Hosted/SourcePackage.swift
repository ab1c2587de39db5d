import Basics
import Mirroring

/// A source package by its .dsc, with the files that it names (`dsc(5)`).
struct SourcePackage {
    let identity: PackageIdentity
    /// The .dsc first, under the name that it has in the pool.
    let files: [(name: String, upload: Upload)]
    private let control: ControlFile

    /// - Parameter neighbour: gives the file beside the .dsc that has a name.
    /// - Throws: ``ChantalError`` `malformed`, or `mismatch` for a file that is not what the .dsc says.
    init(_ upload: Upload, _ bytes: [UInt8], neighbour: (String) throws -> Upload) throws {
        let what = "the source control file"
        control = try ControlFile(bytes, file: what)
        identity = try PackageIdentity(
            name: control.required(.source), version: control.required(.version), architecture: "source", file: what)
        let listed = try control.with { stanza in
            guard stanza[.directory] == nil else {
                throw ChantalError(.malformed, "\(what) holds a Directory, as only an index does")
            }
            return try SourcesStanza(stanza, file: what).packageFiles()
        }
        var files = [(name: "\(identity.name)_\(identity.fileVersion).dsc", upload: upload)]
        for file in listed {
            let name = file.path.description
            guard name.utf8.elementsEqual(file.path.bytes), name != files[0].name else {
                throw ChantalError(.malformed, "\(what) names a file '\(name)' that no source package has")
            }
            let part = try neighbour(name)
            try part.check(size: file.size, file.checksums, by: what)
            files.append((name, part))
        }
        self.files = files
    }

    private static let replaced: [FieldName] = [
        .package, .source, .directory, .files, .checksumsSHA1, .checksumsSHA256, .checksumsSHA512,
    ]

    /// The stanza of Sources: `Package` in place of `Source`, the other fields in their order, then where the files lie and what they hash
    /// to, the .dsc with them.
    func stanza(directory: RepositoryPath) throws -> [UInt8] {
        var text = Array("Package: \(identity.name)\n".utf8)
        text += try control.with { ControlFields.fields(of: $0, without: SourcePackage.replaced) }
        text += Array("Directory: ".utf8) + directory.bytes + [0x0a]
        for (field, algorithm) in [
            ("Files", ChecksumAlgorithm.md5), ("Checksums-Sha256", .sha256), ("Checksums-Sha512", .sha512),
        ] {
            text += Array("\(field):\n".utf8)
            for (name, upload) in files {
                guard let checksum = upload.checksum(algorithm) else { continue }
                text += Array(" \(checksum.hex) \(upload.stored.size) \(name)\n".utf8)
            }
        }
        return text
    }
}

extension Upload {
    /// - Throws: ``ChantalError`` `mismatch` if it is not what a document says that it is.
    func check(size: Int64, _ checksums: [Checksum], by document: String) throws {
        guard size == stored.size else {
            throw ChantalError(
                .mismatch, "'\(path)' has \(stored.size) bytes, and \(document) says \(size)", path: path)
        }
        var isVouched = false
        for declared in checksums {
            guard let actual = checksum(declared.algorithm) else { continue }
            guard actual == declared else {
                throw ChantalError(.mismatch, "'\(path)' has \(actual), and \(document) says \(declared)", path: path)
            }
            if declared.algorithm.isStrong { isVouched = true }
        }
        guard isVouched else {
            throw ChantalError(.malformed, "nothing stronger than MD5 or SHA1 vouches for '\(path)' in \(document)")
        }
    }
}
