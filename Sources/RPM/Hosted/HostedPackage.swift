import Basics
import Mirroring

/// A package of a hosted repository.
struct HostedPackage {
    let name: String
    let evr: EVR
    let architecture: String
    let path: RepositoryPath
    let file: StoredFile
    /// Seconds since 1970 in UTC.
    let buildTime: Int64
    /// Its place in the metadata in force, nil for one that comes in.
    var number: Int?

    var nevra: String { SelectedPackage.nevra(name, evr, architecture) }

    /// What users call it, as dnf does, and by its file (dnf(8), "Specifying packages").
    var spellings: [String] {
        var versions = ["\(evr)"]
        evr.bytes.withUnsafeBytes { bytes in
            let parts = EVRParts(bytes)
            let version = bytes.slice(parts.version).text
            versions += [version, "\(version)-\(bytes.slice(parts.release).text)"]
            if parts.epoch.isEmpty { versions.append("0:\(evr)") }
        }
        let stems = [name] + versions.map { "\(name)-\($0)" }
        return stems + stems.map { "\($0).\(architecture)" } + [String(decoding: path.name, as: UTF8.self)]
    }

    static let spellingForm =
        "NAME, NAME-VERSION, NAME-VERSION-RELEASE, each with or without .ARCHITECTURE, or by its file's name"
}

extension HostedPackage {
    /// Reads a package that comes in, whole: what it says of itself has to be true.
    /// - Throws: ``ChantalError`` `malformed` or `mismatch`, naming the file.
    init(_ upload: Upload, _ reader: any BlobReader) throws {
        let package = try PackageReader(reader, name: upload.name)
        let identity = try HeaderIdentity(package.header, name: upload.name)
        let digests = PackageDigests(package.header, name: upload.name)
        try digests.checkHeader()
        try package.forEachPayloadChunk { digests.update($0) }
        try digests.checkPayload()
        func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
        name = text(identity.name)
        evr = EVR(epoch: Array("\(identity.epoch)".utf8), version: identity.version, release: identity.release)
        architecture = text(identity.architecture)
        // As packages are called everywhere, whatever this file is; the epoch is no part of it.
        let fileName = "\(name)-\(text(identity.version))-\(text(identity.release)).\(architecture).rpm"
        path = try RepositoryPath("Packages/\(HostedPackage.folder(of: name))/\(fileName)")
        file = upload.stored
        buildTime = Int64(clamping: package.header.main.number(.buildTime) ?? 0)
        number = nil
    }

    /// Packages lie in folders by their first letter, as Fedora has them.
    private static func folder(of name: String) -> String {
        guard let first = name.utf8.first, first.isASCIILetter || first.isASCIIDigit else { return "_" }
        return String(UnicodeScalar(first)).lowercased()
    }
}
