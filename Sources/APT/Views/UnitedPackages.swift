import Basics
import Mirroring

/// A stanza that a view takes over.
struct UnitedStanza {
    /// Its number in its index, from 1.
    let number: Int
    /// The new Filename, or Directory; nil if it stays as it is.
    let movedTo: RepositoryPath?
}

/// The packages of several archives. A package is what its name, version and architecture say: within a suite, where several members have
/// it with other bytes, the first one's is taken.
struct UnitedPackages {
    /// What is taken, by its path in the view.
    private(set) var files: [RepositoryPath: ManifestEntry] = [:]
    /// The number of packages: binary ones and source ones.
    private(set) var count = 0
    private var paths: UnitedPaths
    private var member: ViewMember?
    /// Of the suite: by name, version and architecture the bytes that are taken, and whose they are.
    private var taken: [String: (digest: Digest, member: String)] = [:]
    /// Of the suite: what stands in the index already, whichever member's it is.
    private var listed: [RepositoryPath: Set<String>] = [:]
    private var index: RepositoryPath?
    private(set) var disputed = DisputedPackages()

    init(reserved: some Sequence<RepositoryPath>) { paths = UnitedPaths(reserved: reserved) }

    mutating func beginSuite() {
        taken.removeAll(keepingCapacity: true)
        listed.removeAll(keepingCapacity: true)
    }

    mutating func begin(_ member: ViewMember) { self.member = member }

    mutating func beginIndex(_ path: RepositoryPath) { index = path }

    /// - Parameter file: the index, for errors.
    /// - Returns: nil if the stanza is left out: its files are not there, or an earlier one is the package's.
    mutating func take(_ stanza: Stanza, isSource: Bool, file: String) throws -> UnitedStanza? {
        guard let package = try admitted(stanza, isSource: isSource, file: file) else { return nil }
        return try place(package.files, isSource: isSource, number: stanza.number)
    }

    /// Whether a stanza may be taken: its files are there, and no earlier one is the package's.
    mutating func admits(_ stanza: Stanza, isSource: Bool, file: String) throws -> Bool {
        try admitted(stanza, isSource: isSource, file: file) != nil
    }

    /// Takes a stanza of the member begun last that was admitted.
    /// - Parameter number: in its index.
    mutating func take(_ named: [PackageFile], isSource: Bool, number: Int) throws -> UnitedStanza? {
        guard let member, let files = UnitedPackages.files(named, isSource: isSource, member) else { return nil }
        return try place(files, isSource: isSource, number: number)
    }

    private mutating func admitted(_ stanza: Stanza, isSource: Bool, file: String) throws -> Package? {
        guard let member, let index, let package = try package(stanza, isSource: isSource, file: file, member) else {
            return nil
        }
        if let known = taken[package.key] {
            if known.digest != package.digest, known.member != member.name {
                disputed.add(package.name, label: package.label, of: member.name)
                return nil
            }
        } else {
            taken[package.key] = (package.digest, member.name)
        }
        return listed[index, default: []].insert(package.key).inserted ? package : nil
    }

    private mutating func place(_ package: [File], isSource: Bool, number: Int) throws -> UnitedStanza {
        let directory = try paths.place(package.map { ($0.path, $0.entry.digest) }, of: member?.name ?? "")
        for file in package {
            let path = directory.map { file.path.under($0) } ?? file.path
            let entry = ManifestEntry(path: path, digest: file.entry.digest, size: file.entry.size, role: .package)
            if files.updateValue(entry, forKey: path) == nil, file.isPackage { count += 1 }
        }
        let isMoved = directory != nil || package.contains { $0.path != $0.entry.path }
        let place = isSource ? package[0].path.directory : package[0].path
        guard isMoved else { return UnitedStanza(number: number, movedTo: nil) }
        let moved = directory.map { directory in place.map { $0.under(directory) } ?? directory } ?? place
        return UnitedStanza(number: number, movedTo: moved)
    }

    private struct File {
        /// Where it would be published.
        let path: RepositoryPath
        let entry: ManifestEntry
        let isPackage: Bool
    }

    private struct Package {
        let key: String
        let name: String
        let label: String
        let files: [File]

        /// Of what stands for it: the package itself, or its .dsc.
        var digest: Digest { (files.first(where: \.isPackage) ?? files[0]).entry.digest }
    }

    /// Nil for one whose files are not all there, or that the member's own sync has refused.
    private func package(_ stanza: Stanza, isSource: Bool, file: String, _ member: ViewMember) throws -> Package? {
        let named: [PackageFile]
        do {
            named =
                isSource
                ? try SourcesStanza(stanza, file: file).packageFiles(allowWeak: true)
                : [try PackagesStanza(stanza, file: file).packageFile(allowWeak: true)]
        } catch let error as ChantalError where [.malformed, .unsafePath].contains(error.code) { return nil }
        guard let files = UnitedPackages.files(named, isSource: isSource, member) else { return nil }
        let architecture = isSource ? "source" : stanza[.architecture]?.text ?? ""
        let (name, version) = (stanza[.package]?.text ?? "", stanza[.version]?.text ?? "")
        return Package(
            key: "\(name) \(version) \(architecture)", name: name, label: "'\(name)' \(version) (\(architecture))",
            files: files)
    }

    /// Nil if one of them is not there.
    private static func files(_ named: [PackageFile], isSource: Bool, _ member: ViewMember) -> [File]? {
        var files: [File] = []
        for one in named {
            guard let entry = member.state.manifest[one.path] else { return nil }
            files.append(
                File(path: PublishedLayout.path(one.path), entry: entry, isPackage: !isSource || one.isControl))
        }
        return files
    }
}
