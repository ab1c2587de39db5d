import Basics
import Mirroring

/// A suite that chantal writes: what its Release file says, and the indices that it lists.
struct SuiteDraft {
    let suite: Suite
    let release: ReleaseDraft
    let indices: [IndexDraft]
}

/// What a Release file says of its suite. Where the repository's section says otherwise, that counts
/// (``ReleaseDraft/init(_:)``).
struct ReleaseDraft {
    var origin: String?
    var label: String?
    var suite: String?
    var version: String?
    var codename: String?
    var changelogs: String?
    var summary: String?
    /// Seconds for which it is valid; nil for as long as it stands there.
    var validFor: Int64?
    var notAutomatic = false
    var butAutomaticUpgrades = false
    /// Whether the Packages of each architecture hold the packages of architecture `all` too, so that clients need no index for those.
    var packagesHoldAll = false
    /// Nil leaves the field out, as in flat repositories.
    var architectures: [String]?
    var components: [String]?

    /// What a section says of the metadata that is written for it.
    init(_ section: RepositorySection) {
        origin = section.value(ArchiveSettings.origin)
        label = section.value(ArchiveSettings.label)
        suite = section.value(ArchiveSettings.suite)
        codename = section.value(ArchiveSettings.codename)
        validFor = section.value(ArchiveSettings.validFor)
    }

    /// What a section says, and where it says nothing what the Release file says whose suite is written anew; of architectures and
    /// components nothing yet.
    init(_ section: RepositorySection, following release: ReleaseFile) {
        self.init(section)
        origin = origin ?? release.origin
        label = label ?? release.label
        suite = suite ?? release.suite
        version = release.version
        codename = codename ?? release.codename
        changelogs = release.changelogs
        summary = release.summary
        notAutomatic = release.notAutomatic
        butAutomaticUpgrades = release.butAutomaticUpgrades
        packagesHoldAll = release.packagesHoldAll
    }

    /// - Throws: ``ChantalError`` `malformed` for an architecture or a component that is no plain word.
    /// - Parameter file: where they come from, for errors.
    func check(file: String) throws {
        for architecture in architectures ?? [] { try ArchiveToken.check(architecture: architecture, file: file) }
        for component in components ?? [] { try ArchiveToken.check(component: component, file: file) }
    }
}

/// An index of a suite that chantal writes.
struct IndexDraft {
    /// Relative to the Release file, without a compression's extension.
    let path: RepositoryPath
    /// Called once; the drafts of a suite are written in their order.
    let write: (StanzaOutput) throws -> Void
}

/// Where the stanzas of an index go, each as soon as there is some amount of them.
final class StanzaOutput {
    private static let flushSize = 1 << 18

    private var writer = StanzaWriter()
    private let output: IndexWriter

    init(_ output: IndexWriter) { self.output = output }

    /// - Parameter replacing: a field that is there already, and its new value; nil leaves all as they are.
    func append(_ stanza: Stanza, replacing field: (name: FieldName, value: RepositoryPath)? = nil) throws {
        writer.append(stanza, replacing: field)
        if writer.bytes.count >= StanzaOutput.flushSize { try flush() }
    }

    /// Takes stanzas that a ``StanzaWriter`` has written, with the empty line after each.
    func append(written stanzas: UnsafeRawBufferPointer) throws {
        if !writer.bytes.isEmpty { try flush() }
        try output.write(stanzas)
    }

    func flush() throws { try writer.drain { try output.write($0) } }
}
