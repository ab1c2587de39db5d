import Basics
import OpenPGP
import Store

/// What `export` is asked for.
public struct ExportOptions: Sendable {
    /// What the receiving side is taken to have.
    public enum Base: Sendable {
        case state(StateReference)
        /// A volume of an earlier bundle.
        case bundle(path: String)
        /// Manifests that the receiving side has, with names for people.
        case manifests([(id: Digest, name: String)])
    }

    /// Empty for everything: of each repository the latest generation and what has a name.
    public var states: [StateReference] = []
    public var since: [Base] = []
    /// The most bytes of a volume.
    public var volumeSize: Int64?
    /// Whether to sign with the configuration's key.
    public var signs = false

    public init() {}
}

/// Where the volumes of a bundle go.
public protocol BundleDestination {
    /// Takes one volume, whole or not at all.
    /// - Parameter produce: gives the bytes.
    /// - Returns: its name, for people.
    mutating func volume(
        _ number: Int, of count: Int, _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> String
}

/// What was exported.
public struct ExportReport: Sendable {
    public struct State: Sendable {
        public var repository: String
        public var generation: Int
        public var snapshots: [String]
        public var manifest: Digest
    }

    public struct Volume: Sendable {
        public var name: String
        public var bytes: Int64
    }

    /// The SHA-256 of the bundle's description: its identity.
    public var set: Digest
    public var volumes: [Volume] = []
    public var states: [State]
    public var publications: [String]
    /// Number of blobs that are in the bundle.
    public var blobs: Int
    /// Their bytes.
    public var bytes: Int64
    /// Names of what it builds on.
    public var bases: [String]
    public var isSigned = false
}

extension Engine {
    /// Writes states, with the names they have, as a bundle that another store can take in.
    ///
    /// The same states and bases give the same bytes. A gc that runs meanwhile takes nothing of it.
    /// - Parameter progress: gets blobs and bytes that were written since its last call, and how many there are to be.
    public func export(
        _ options: ExportOptions, to destination: inout some BundleDestination,
        progress: (_ files: Int, _ bytes: Int64, _ of: (files: Int, bytes: Int64)) -> Void = { _, _, _ in }
    ) throws -> ExportReport {
        let signer = options.signs ? try bundleSigner() : nil
        let session = try store.blobs.beginSession(name: "export")
        do {
            let selection = try ExportSelection(self, options.states, session)
            let plan = try ExportPlan(engine: self, session: session, selection: selection)
                .plan(since: options.since, volumeSize: options.volumeSize, isSigned: signer != nil)
            let description = plan.description
            let writer = try BundleWriter(
                engine: self, session: session, plan: plan, signer: signer, volumeSize: options.volumeSize)
            let volumes = try writer.write(to: &destination, progress: progress)
            try session.end()
            return ExportReport(
                set: writer.set, volumes: volumes, states: selection.report,
                publications: description.publications.map(\.name), blobs: description.blobCount,
                bytes: description.blobBytes, bases: description.bases.map(\.name), isSigned: signer != nil)
        } catch {
            try session.end()
            throw error
        }
    }
}

extension Engine {
    /// - Throws: `config` without a key in the configuration.
    private func bundleSigner() throws -> Signer {
        guard let signing = configuration.signing else {
            throw ChantalError(
                .config, "\(configuration.path) names no key to sign the bundle with",
                hint: "add signing: {key: FINGERPRINT}, or export without --sign")
        }
        return try Signer(
            key: signing.key, home: signing.home, passphrase: signing.passphrase.map { Array(try $0.reveal().utf8) })
    }
}
