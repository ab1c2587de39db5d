import Basics
import Compression

/// Which of the files that a Release file lists a mirror holds.
public struct IndexChoices: Sendable {
    /// Nil: all.
    public var components: [String]?
    /// Nil: all. Those given bring `all` with them.
    public var architectures: [String]?
    public var sources = false
    public var udebs = false
    public var installer = false
    public var contents = true
    /// Nil: all languages.
    public var translations: [String]?
    public var pdiffs = false
    /// Whether files count for which the Release file has nothing stronger than SHA1.
    public var allowsWeakHashes = false

    public init() {}
}

/// One index with the forms in which a Release file lists it.
public struct IndexFile: Sendable {
    public struct Form: Sendable {
        public let format: CompressionFormat
        public let entry: ReleaseEntry
    }

    public let kind: IndexKind
    /// Nil at the level of the suite.
    public let component: String?
    public let architecture: String?
    /// Relative to the Release file, without a compression's extension.
    public let plain: RepositoryPath
    /// From the cheapest to decode to the dearest.
    public fileprivate(set) var forms: [Form]

    /// The size once decompressed, in bytes, if the plain form is listed.
    public var plainSize: Int64? { forms.first { $0.format == .none }?.entry.size }
}

/// The part of a Release file that belongs to a mirror.
public struct IndexSelection: Sendable {
    /// In the order of the Release file.
    public let indexes: [IndexFile]
    /// Components that were asked for and that the suite does not have.
    public let unknownComponents: [String]
    /// Architectures that were asked for and that the suite does not have.
    public let unknownArchitectures: [String]

    public init(_ release: ReleaseFile, _ choices: IndexChoices, isFlat: Bool) {
        let declared = release.components.flatMap { [$0, lastSegment($0)] }
        let architectures = release.architectures + ["all"]
        let components = isFlat ? nil : choices.components
        var indexes: [IndexFile] = []
        var places: [RepositoryPath: Int] = [:]
        var seenComponents = Set(release.components)
        var seenArchitectures = Set(release.architectures)
        for entry in release.entries {
            if IndexSelection.isOwnName(entry.path) { continue }
            if entry.isWeak, !choices.allowsWeakHashes { continue }
            let format = CompressionFormat.ofName(entry.path.name)
            let plain = IndexSelection.plainPath(entry.path, format)
            let form = IndexFile.Form(format: format, entry: entry)
            if let place = places[plain] {
                if place >= 0 { indexes[place].forms.append(form) }
                continue
            }
            let name = IndexName(plain, components: declared, architectures: architectures)
            if let component = name.component { seenComponents.insert(component) }
            if let architecture = name.architecture { seenArchitectures.insert(architecture) }
            guard IndexSelection.belongs(name, components, choices, isFlat: isFlat, release) else {
                places[plain] = -1
                continue
            }
            places[plain] = indexes.count
            indexes.append(
                IndexFile(
                    kind: name.kind, component: name.component, architecture: name.architecture, plain: plain,
                    forms: [form]))
        }
        for index in indexes.indices {
            indexes[index].forms.sort { $0.format.decodeCost < $1.format.decodeCost }
        }
        self.indexes = indexes
        unknownComponents = (components ?? []).filter { wanted in !seenComponents.contains { matches($0, wanted) } }
        // A suite without indexes of its own for `all` has nothing for who asks for no other.
        if choices.architectures == ["all"], !choices.sources,
            !indexes.contains(where: { $0.kind == .packages && $0.architecture == "all" })
        {
            seenArchitectures.remove("all")
        }
        unknownArchitectures = (isFlat ? [] : choices.architectures ?? []).filter { !seenArchitectures.contains($0) }
    }

    /// A Release file may list itself, as it was before it was finished.
    private static func isOwnName(_ path: RepositoryPath) -> Bool {
        ["Release", "InRelease", "Release.gpg"].contains { path.bytes.elementsEqual($0.utf8) }
    }

    static func plainPath(_ path: RepositoryPath, _ format: CompressionFormat) -> RepositoryPath {
        format == .none ? path : RepositoryPath(trusted: path.bytes.dropLast(format.fileExtension.utf8.count + 1))
    }

    private static func belongs(
        _ name: IndexName, _ components: [String]?, _ choices: IndexChoices, isFlat: Bool, _ release: ReleaseFile
    ) -> Bool {
        if let components, let component = name.component, !components.contains(where: { matches(component, $0) }) {
            return false
        }
        if !isFlat, let wanted = choices.architectures, let architecture = name.architecture,
            !wanted.contains(architecture)
        {
            guard architecture == "all" else { return false }
            // apt never asks for it: the Packages of each architecture hold these packages too.
            if name.kind == .packages, release.packagesHoldAll { return false }
        }
        if name.isSource, !choices.sources { return false }
        if name.isUdeb, !choices.udebs { return false }
        switch name.kind {
        case .installer: return choices.installer
        case .contents: return choices.contents
        case .patches: return choices.pdiffs
        case .translation(let language): return choices.translations?.contains(language) ?? true
        default: return true
        }
    }
}

/// Whether a component in a Release file is the one that was asked for: `updates/main` goes by `main` too, as apt has it.
private func matches(_ component: String, _ wanted: String) -> Bool {
    component == wanted || lastSegment(component) == wanted || component == lastSegment(wanted)
}

private func lastSegment(_ component: String) -> String {
    String(component.split(separator: "/").last ?? "")
}
