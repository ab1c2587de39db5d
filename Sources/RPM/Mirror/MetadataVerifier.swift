import Basics
import Mirroring
import OpenPGP

/// What is known of a repository's signatures once its repomd.xml was looked at.
struct Verdict {
    /// The good signatures of repomd.xml; nil if it was not verified.
    var signatures: [GoodSignature]?
    /// Whether each package's own signature has to be verified.
    var verifiesPackages: Bool

    var isVerified: Bool { signatures != nil || verifiesPackages }
}

/// Verifies the signature of repomd.xml, and says whether packages have to vouch for themselves.
final class MetadataVerifier {
    private let session: SyncSession
    private let files: [String]
    private let pinned: [String]
    private let choice: VerificationChoice
    private var opened: Keyring?

    /// The note in a generation's record that says whether its repomd.xml was signed.
    static let note = "signed"

    init(session: SyncSession, section: RepositorySection) {
        self.session = session
        files = section.value(RPMSettings.keyring)
        pinned = section.value(RPMSettings.fingerprints).map { $0.filter { $0 != " " }.uppercased() }
        choice =
            files.isEmpty ? VerificationChoice(metadata: false, packages: false) : section.value(RPMSettings.verify)
    }

    /// The keys are read when they are first needed: a sync that finds nothing new needs none.
    func keyring() throws -> Keyring {
        if let opened { return opened }
        let keyring = try session.keyring(files, pinned: pinned)
        opened = keyring
        return keyring
    }

    /// Checks the exact bytes, before anything is read from them.
    /// - Parameter signature: that of repomd.xml.asc; nil if upstream has none.
    /// - Throws: ``ChantalError`` `signature` for a bad one, and for none where there has to be one.
    func verify(_ bytes: [UInt8], signature: [UInt8]?) throws -> Verdict {
        if choice.metadata == false { return Verdict(verifiesPackages: choice.packages ?? true) }
        let file = Repomd.signaturePath.description
        guard let signature else {
            if choice.metadata == true || choice.packages == false {
                throw unsigned(
                    "and 'verify' asks for it", hint: "say 'verify: {packages: true}' to verify packages alone")
            }
            if session.previous?.notes[MetadataVerifier.note] == "yes" {
                throw unsigned(
                    "and it was when the last generation was made",
                    hint: "if upstream has stopped signing it, say 'verify: {metadata: false, packages: true}'")
            }
            return Verdict(verifiesPackages: true)
        }
        let good = try keyring().verifyDetached(signature, of: bytes, name: file)
        return Verdict(signatures: good, verifiesPackages: choice.packages ?? false)
    }

    /// Has each package vouch for itself.
    func inspection() throws -> Inspection {
        let signatures = try PackageSignatures(keyring: keyring(), now: session.now)
        return Inspection(key: signatures.key) { file, _, reader in
            // Images of an installation tree have no signatures.
            if file.isPackage { try signatures.check(reader, name: file.path.description) }
        }
    }

    private func unsigned(_ reason: String, hint: String) -> ChantalError {
        ChantalError(
            .signature, "'\(Repomd.path)' is not signed: upstream has no '\(Repomd.signaturePath)', \(reason)",
            hint: hint,
            path: Repomd.path.description)
    }
}
