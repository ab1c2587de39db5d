import Basics
import OpenPGP
import Store

/// What `import` is asked for.
public struct ImportOptions: Sendable {
    /// Whether only to check.
    public var verifiesOnly = false
    /// Whether names of this store that stand for something else are replaced.
    public var forces = false
    /// Files with public keys, one of which must have signed the bundle; none if that is not asked for.
    public var keyrings: [String] = []

    public init() {}
}

/// What was imported, or is in the bundle.
public struct ImportReport: Sendable {
    public struct Repository: Sendable {
        public var repository: String
        public var isChanged: Bool
        /// The latest generation of this store afterwards; nil if only checked and there is none.
        public var generation: Int?
        public var manifest: Digest?
        /// Names that came along.
        public var snapshots: [String]
        /// How many states are new here.
        public var states: Int
    }

    /// The bundle's identity.
    public var set: Digest
    public var repositories: [Repository] = []
    public var publications: [String] = []
    /// Blobs that are in the bundle.
    public var blobs = 0
    public var bytes: Int64 = 0
    /// Of these, what the store lacked.
    public var newBlobs = 0
    public var newBytes: Int64 = 0
    /// Fingerprints of the keys that signed, if that was checked.
    public var signers: [String] = []
    /// Whether it bears a signature.
    public var isSigned = false
    public var warnings: [String] = []
}

extension Engine {
    /// Takes a bundle in, or only checks it. Every byte is verified before anything is visible; interrupted at any moment, nothing
    /// is half there, and what was verified need not be written again.
    ///
    /// - Parameters:
    ///   - inputs: all volumes, in any order.
    ///   - progress: gets blobs and bytes since its last call, and how many there are to be.
    /// - Throws: ``ChantalError`` `refused` with the reason; nothing is changed then.
    public func importBundle(
        _ inputs: [BundleInput], _ options: ImportOptions,
        progress: (_ files: Int, _ bytes: Int64, _ of: (files: Int, bytes: Int64)) -> Void = { _, _, _ in }
    ) throws -> ImportReport {
        let set = try BundleSet(inputs)
        var report = ImportReport(set: set.set)
        report.blobs = set.description.blobCount
        report.bytes = set.description.blobBytes
        report.publications = set.description.publications.map(\.name)
        report.isSigned = set.signed != nil
        report.signers = try checkSignature(of: set, options.keyrings)
        if !options.verifiesOnly { tidy(&report) }
        let work = BundleImport(engine: self, bundle: set, options: options)
        try work.run(&report, progress: progress)
        return report
    }

    /// Where bundles come in no sync may ever run: what imports that were killed left half made goes here.
    private func tidy(_ report: inout ImportReport) {
        do { try store.removeDeadDrafts(olderThan: 3600) } catch {
            report.warnings.append("what was left under tmp/ cannot be removed: \(error)")
        }
    }

    /// - Returns: the fingerprints of those who signed; none if no keyring is given.
    private func checkSignature(of set: BundleSet, _ keyrings: [String]) throws -> [String] {
        if keyrings.isEmpty { return [] }
        let home = try store.makeTemporaryDirectory("keyring")
        defer { withExtendedLifetime(home) {} }
        let keyring = try Keyring(files: keyrings, home: home.directory.path, origin: .bundle)
        guard let signed = set.signed else {
            throw ChantalError(
                .refused, "the bundle is not signed", hint: "export it with --sign, or import it without a keyring")
        }
        return try refusing(set.volumes[0].name) {
            try keyring.verifyDetached(signed.signature, of: signed.text, name: BundleNames.signature)
        }.map(\.primaryFingerprint)
    }
}
