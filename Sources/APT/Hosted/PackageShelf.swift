import Basics
import Hashing
import Mirroring

/// The packages of a hosted repository, and what its indices say of them.
struct PackageShelf {
    private(set) var packages: [HostedPackage] = []
    /// The bytes of every file, by its path.
    private(set) var files: [RepositoryPath: StoredFile] = [:]
    private var writer = StanzaWriter()
    /// What was ever here, so that what is new costs no look at all the others.
    private var identities: Set<PackageIdentity> = []
    private var paths: Set<RepositoryPath> = []

    var bytes: [UInt8] { writer.bytes }

    // MARK: What is there

    /// Takes what a published state holds: its stanzas as they are.
    /// - Throws: ``ChantalError`` `config` for a state that no hosted repository can go on from.
    mutating func take(_ state: StateReader, session: SyncSession) throws {
        var seen: Set<String> = []
        for index in PublishedSuites(state).indexes() {
            try session.checkCancellation()
            guard let directory = index.suite, let suite = directory.description.after("dists/") else {
                throw ChantalError(
                    .config, "'\(state.repository)' holds a flat repository, which cannot be hosted",
                    hint: "make a hosted repository under another name")
            }
            let file = index.path.description
            try IndexReader.stanzas(of: state.open(index.digest), index.format, plainSize: nil, file: file) { stanza in
                do {
                    let (identity, paths) = try PackageShelf.read(stanza, index.kind, file: file)
                    // Packages for all architectures stand in the index of each.
                    let key = "\(suite) \(index.component) \(index.kind) \(identity.label) \(paths[0])"
                    guard seen.insert(key).inserted else { return }
                    for path in paths {
                        guard let entry = state.manifest[path] else {
                            throw ChantalError(.missing, "'\(path)' is missing", path: path.description)
                        }
                        files[path] = StoredFile(digest: entry.digest, size: entry.size)
                    }
                    add(stanza, index.kind, suite: suite, component: index.component, identity, paths)
                } catch let error as ChantalError where [.malformed, .unsafePath, .missing].contains(error.code) {
                    session.warn("a package of '\(file)' is left out: \(error)")
                }
            }
        }
    }

    private static func read(_ stanza: Stanza, _ kind: IndexKind, file: String) throws -> (
        PackageIdentity, [RepositoryPath]
    ) {
        if kind == .sources {
            let source = SourcesStanza(stanza, file: file)
            let paths = try source.packageFiles(allowWeak: true).map(\.path)
            let identity = try PackageIdentity(
                name: source.name.text, version: source.version.text, architecture: "source", file: file)
            guard let control = paths.firstIndex(where: { $0.bytes.suffix(4).elementsEqual(".dsc".utf8) }) else {
                throw ChantalError(.malformed, "\(source.displayName) in \(file) has no .dsc")
            }
            return (identity, [paths[control]] + paths.enumerated().filter { $0.offset != control }.map(\.element))
        }
        let package = PackagesStanza(stanza, file: file)
        let identity = try PackageIdentity(
            name: package.name.text, version: package.version.text, architecture: package.architecture?.text ?? "",
            file: file)
        return (identity, [try package.packageFile(allowWeak: true).path])
    }

    private mutating func add(
        _ stanza: Stanza, _ kind: IndexKind, suite: String, component: String, _ identity: PackageIdentity,
        _ paths: [RepositoryPath]
    ) {
        identities.insert(identity)
        self.paths.insert(paths[0])
        let start = writer.bytes.count
        writer.append(stanza)
        packages.append(
            HostedPackage(
                kind: kind, suite: suite, component: component, identity: identity, paths: paths,
                stanza: start..<writer.bytes.count))
    }

    // MARK: What changes

    /// A package that comes in.
    struct Arrival {
        let kind: IndexKind
        let suite: String
        let component: String
        let identity: PackageIdentity
        /// Its files by their paths; the one that stands for it first.
        let files: [(path: RepositoryPath, stored: StoredFile)]
        /// As text.
        let stanza: [UInt8]
        let upload: Upload
    }

    /// Takes a package in. One that is there already, byte for byte, changes nothing.
    /// - Parameter replaces: whether it may take the place of one with other bytes.
    /// - Throws: ``ChantalError`` `exists` naming both digests.
    mutating func add(_ arrival: Arrival, replaces: Bool) throws {
        guard let suites = try suites(of: arrival, replaces: replaces) else { return }
        for (path, stored) in arrival.files {
            if let there = files[path], there.digest != stored.digest {
                throw Revision.conflict(
                    "the file '\(path)' of another package", stored.digest, there.digest, arrival.upload)
            }
            files[path] = stored
        }
        let control = try ControlFile(arrival.stanza, file: "the stanza of '\(arrival.upload.path)'")
        for suite in suites {
            try control.with { stanza in
                add(
                    stanza, arrival.kind, suite: suite, component: arrival.component, arrival.identity,
                    arrival.files.map(\.path))
            }
        }
    }

    /// Takes out whose place a package takes.
    /// - Returns: the suites that it is listed in from now on; nil if it is there already.
    private mutating func suites(of arrival: Arrival, replaces: Bool) throws -> [String]? {
        let path = arrival.files[0].path
        guard identities.contains(arrival.identity) || paths.contains(path) else { return [arrival.suite] }
        let digest = arrival.files[0].stored.digest
        var suites = [arrival.suite]
        for package in packages
        where package.kind == arrival.kind
            && (package.paths[0] == path || package.suite == arrival.suite && package.identity == arrival.identity)
        {
            let there = files[package.paths[0]]?.digest
            if there == digest {
                if package.suite != arrival.suite { continue }
                if package.component == arrival.component, package.identity == arrival.identity { return nil }
            }
            guard replaces else { throw conflict(arrival, package, there ?? digest) }
            // What leads to the same file in other suites shows the new one.
            if package.paths[0] == path, !suites.contains(package.suite) { suites.append(package.suite) }
        }
        let count = packages.count
        packages.removeAll { package in
            package.kind == arrival.kind && suites.contains(package.suite)
                && (package.identity == arrival.identity || package.paths[0] == path)
        }
        if packages.count < count { forgetUnused() }
        return suites
    }

    private func conflict(_ arrival: Arrival, _ package: HostedPackage, _ there: Digest) -> ChantalError {
        let new = arrival.files[0].stored.digest
        guard there == new else { return Revision.conflict(package.identity.label, new, there, arrival.upload) }
        return ChantalError(
            .exists,
            "\(package.identity.label) of '\(arrival.upload.path)' is in component '\(package.component)' already",
            hint: "move it to '\(arrival.component)' with --force", path: arrival.upload.path)
    }

    /// Takes packages out, those that the revision names.
    mutating func remove(_ revision: Revision, repository: String) throws {
        if revision.removals.isEmpty { return }
        let names = packages.map(\.identity.name)
        packages.removeAll { package in
            if let suite = revision.suite, suite != package.suite { return false }
            if let component = revision.component, component != package.component { return false }
            return revision.removals.takes(package.identity.spellings(file: package.fileName))
        }
        try revision.removals.requireAllMatched(
            in: repository, names: names, form: PackageIdentity.spellingForm)
        forgetUnused()
    }

    private mutating func forgetUnused() {
        let used = Set(packages.lazy.flatMap(\.paths))
        files = files.filter { used.contains($0.key) }
    }

    // MARK: What it is

    mutating func sort() { packages.sort(by: HostedPackage.isBefore) }

    /// What decides about the content: each package with its place and its stanza.
    var fact: Digest {
        var hasher = SHA256Hasher()
        for package in packages {
            Array("\(package.kind) \(package.suite) \(package.component) \(package.stanza.count)\n".utf8)
                .withUnsafeBytes {
                    hasher.update($0)
                }
            bytes[package.stanza].withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finish()
    }
}
