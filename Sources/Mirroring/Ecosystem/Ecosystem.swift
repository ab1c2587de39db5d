import Basics
import Store

/// One package ecosystem: how its repositories are configured, read, verified, selected, written and compared.
///
/// An ecosystem is one folder that implements this protocol, one line in Package.swift and one in the registry. It never sees
/// a connection or a local path: ``SyncSession`` fetches, keeps and verifies for it.
public protocol Ecosystem: Sendable {
    /// The type's name in the configuration (`apt`), and its keys.
    static var declaration: EcosystemDeclaration { get }

    /// Makes sense of a repository's section; cross-key rules are checked here.
    /// - Throws: ``ChantalError`` `config`, naming file, line and column.
    init(_ section: RepositorySection) throws

    /// Asks upstream for its roots, verifies them, reads what they name, and says what the next generation holds.
    ///
    /// Called once a sync, before any package is fetched. Everything that the plan refers to as present has gone through
    /// the session (``SyncSession/fetch(_:)``, ``SyncSession/put(_:)``).
    func plan(_ session: SyncSession) throws -> PlanOutcome

    /// Says what a hosted repository holds once files are added and packages removed. With ``Revision/none`` it is what a sync of such a
    /// repository asks for: its metadata, perhaps signed anew; ``plan(_:)`` leads there. By default nothing can be hosted.
    ///
    /// The plan names every file of the new state; all of them are in the store or staged.
    func revise(_ session: SyncSession, _ revision: Revision) throws -> PlanOutcome

    /// Plans a view: several repositories of this type as one, with metadata written anew.
    ///
    /// Nothing is fetched: what the plan composes lies in the members' states. Roots, verification, expiry and the notes on the members
    /// are the engine's. Where two members have one package (by what identifies it in this ecosystem) with other bytes, the first one's
    /// is taken. By default an error.
    /// - Parameter members: in the order of the configuration, at least one.
    func unite(_ members: [ViewMember], _ session: SyncSession) throws -> SyncPlan

    /// The packages of a state, read from its published metadata: what the catalog indexes after each sync, unless the plan has gathered
    /// them (``SyncPlan/rows``), and when it is rebuilt.
    ///
    /// The same state always gives the same rows, in any order; a row's `digest` is nil where the state lacks the file.
    /// - Parameter previous: gives an earlier state whose rows the sink has. Of a name whose part of the metadata is the same in both,
    ///   ``PackageSink/keep(name:)`` may be told instead. Nil where all rows are wanted.
    static func packages(in state: StateReader, since previous: () throws -> StateReader?, into rows: any PackageSink)
        throws

    /// The order of two versions in this ecosystem: negative, zero or positive.
    static func compareVersions(_ a: String, _ b: String) -> Int

    /// What a client of this ecosystem would not notice or not like when a name under which it saw one state shows an earlier
    /// one again (for apt: an older Date); nil when there is nothing to warn of.
    static func rollbackWarning(from current: StateReader, to target: StateReader) throws -> String?

    /// What a state's published metadata says of one package, for `show`; nil if it says nothing more. By default nil.
    static func describe(_ package: PackageRow, in state: StateReader) throws -> PackageDescription?

    /// The advisories of a state, in any order; `diff` shows those that came in. By default none.
    static func advisories(in state: StateReader) throws -> [Advisory]

    /// Files that a published tree holds beside those of its manifest, for they tell where it is published: the manifest's identity
    /// must not depend on that. They are served with role `pointer`. By default none.
    static func treeFiles(_ context: TreeContext) throws -> [TreeFile]

    /// What a package's name says by the ecosystem's conventions of naming, for `search --across` and `map`. By default the program
    /// of that name.
    static func software(ofPackage name: String) -> SoftwareName

    /// The names that the packages of a part may have by these conventions, the likeliest first; none if there are no such packages.
    static func packageNames(of software: SoftwareName) -> [String]
}

extension Ecosystem {
    public func revise(_ session: SyncSession, _ revision: Revision) throws -> PlanOutcome {
        throw ChantalError(.usage, "repositories of type \(Self.declaration.type) cannot be hosted")
    }

    public func unite(_ members: [ViewMember], _ session: SyncSession) throws -> SyncPlan {
        throw ChantalError(
            .config, "repositories of type \(Self.declaration.type) cannot be served as one",
            hint: "leave '\(session.repository)' out of 'views'")
    }

    /// Every package of a state.
    public static func packages(in state: StateReader, _ emit: (PackageRow) throws -> Void) throws {
        try withoutActuallyEscaping(emit) { try packages(in: state, since: { nil }, into: RowListener($0)) }
    }

    public static func describe(_ package: PackageRow, in state: StateReader) throws -> PackageDescription? { nil }
    public static func advisories(in state: StateReader) throws -> [Advisory] { [] }
    public static func treeFiles(_ context: TreeContext) throws -> [TreeFile] { [] }
    public static func software(ofPackage name: String) -> SoftwareName { SoftwareName(name.lowercased(), .program) }
    public static func packageNames(of software: SoftwareName) -> [String] {
        software.part == .program ? [software.stem] : []
    }
    public static func rollbackWarning(from current: StateReader, to target: StateReader) throws -> String? { nil }
}

/// What ``Ecosystem/plan(_:)`` found.
public enum PlanOutcome {
    /// Every root is what the last generation was made from, and nothing else asks for a new one.
    case unchanged
    case changed(SyncPlan)
}

/// Reads one committed state.
public struct StateReader {
    /// The repository's name, for messages.
    public let repository: String
    public let manifest: Manifest
    /// What the plan of the state noted; empty where nobody asks for it.
    public let notes: [String: String]
    private let opener: (Digest) throws -> any BlobReader

    public init(
        repository: String, manifest: Manifest, notes: [String: String] = [:],
        open: @escaping (Digest) throws -> any BlobReader
    ) {
        self.repository = repository
        self.manifest = manifest
        self.notes = notes
        opener = open
    }

    /// Opens a blob that the manifest names.
    public func open(_ digest: Digest) throws -> any BlobReader { try opener(digest) }
}

/// Hands every row on.
private final class RowListener: PackageSink {
    private let body: (PackageRow) throws -> Void

    init(_ body: @escaping (PackageRow) throws -> Void) { self.body = body }

    func add(_ row: PackageRow) throws { try body(row) }
    func add(_ fields: PackageFields) throws { try body(PackageRow(fields)) }

    func keep(name: String) throws {
        throw ChantalError(.bug, "packages of '\(name)' are to be kept where there are none before")
    }
}
