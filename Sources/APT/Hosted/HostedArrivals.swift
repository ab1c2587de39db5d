import Basics
import Mirroring

/// Reads what comes into a hosted repository: binary packages, source packages, and lists of both.
struct HostedArrivals {
    let session: SyncSession
    let division: HostedDivision
    let revision: Revision

    /// - Throws: ``ChantalError`` naming the file and what is wrong with it.
    func read(_ upload: Upload) throws -> [PackageShelf.Arrival] {
        try read(upload, suite: nil)
    }

    private func read(_ upload: Upload, suite: String?) throws -> [PackageShelf.Arrival] {
        try session.checkCancellation()
        return try upload.reading {
            if upload.name.hasSuffix(".deb") { return [try binary(upload, suite)] }
            if upload.name.hasSuffix(".dsc") { return [try source(upload, suite)] }
            if upload.name.hasSuffix(".changes") { return try changes(upload) }
            throw ChantalError(
                .usage, "an apt repository is made of .deb, .dsc and .changes files",
                hint: "name the .dsc or the .changes: the files that it lists are taken from beside it")
        }
    }

    private func place(_ suite: String?) -> (suite: String, component: String) {
        (revision.suite ?? suite ?? division.suites[0], revision.component ?? division.components[0])
    }

    private func binary(_ upload: Upload, _ suite: String?) throws -> PackageShelf.Arrival {
        let package = try BinaryPackage(session.open(upload.stored.digest))
        let identity = package.identity
        try division.check(architecture: identity.architecture)
        let (suite, component) = place(suite)
        let name = "\(identity.name)_\(identity.fileVersion)_\(identity.architecture).deb"
        let path = try RepositoryPath("\(HostedArrivals.pool(component, package.source))/\(name)")
        return PackageShelf.Arrival(
            kind: .packages, suite: suite, component: component, identity: identity, files: [(path, upload.stored)],
            stanza: try package.stanza(upload, path: path), upload: upload)
    }

    private func source(_ upload: Upload, _ suite: String?) throws -> PackageShelf.Arrival {
        let bytes = try session.readAll(upload.stored.digest, limit: ControlFile.sizeLimit)
        let package = try SourcePackage(upload, bytes) { try revision.file(named: $0, beside: upload) }
        let (suite, component) = place(suite)
        let directory = try RepositoryPath(HostedArrivals.pool(component, package.identity.name))
        return PackageShelf.Arrival(
            kind: .sources, suite: suite, component: component, identity: package.identity,
            files: try package.files.map { (try RepositoryPath("\(directory)/\($0.name)"), $0.upload.stored) },
            stanza: try package.stanza(directory: directory), upload: upload)
    }

    private func changes(_ upload: Upload) throws -> [PackageShelf.Arrival] {
        let changes = try ChangesFile(try session.readAll(upload.stored.digest, limit: ControlFile.sizeLimit))
        let meant = changes.distribution.flatMap { division.namesSuites && division.suites.contains($0) ? $0 : nil }
        // All of them have to be there and right before any is looked into.
        let parts = try changes.parts.map { part in
            let file = try revision.file(named: part.name, beside: upload)
            try file.check(size: part.size, [part.sha256], by: "'\(upload.name)'")
            return file
        }
        return try parts.flatMap { part -> [PackageShelf.Arrival] in
            if part.name.hasSuffix(".deb") || part.name.hasSuffix(".dsc") { return try read(part, suite: meant) }
            if [".buildinfo", ".udeb", ".ddeb"].contains(where: part.name.hasSuffix) {
                session.warn("'\(part.path)' is checked and left out: apt does not read such files")
            }
            // The others belong to the .dsc.
            return []
        }
    }

    /// Where the files of a source package and of what is built from it lie, as Debian has them.
    private static func pool(_ component: String, _ source: String) -> String {
        let prefix = source.hasPrefix("lib") && source.utf8.count > 3 ? source.prefix(4) : source.prefix(1)
        return "pool/\(component)/\(prefix)/\(source)"
    }
}
