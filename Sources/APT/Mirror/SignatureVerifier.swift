import Basics
import Mirroring
import OpenPGP

/// Verifies upstream's signatures. The keys are read when they are first needed: a sync that finds nothing new needs none.
final class SignatureVerifier {
    private let session: SyncSession
    private let files: [String]
    /// If there are any, signatures by other keys do not count.
    private let pinned: [String]
    private var opened: Keyring?

    init(session: SyncSession, files: [String], pinned: [String]) {
        self.session = session
        self.files = files
        self.pinned = pinned.map { $0.filter { $0 != " " }.uppercased() }
    }

    private func keyring() throws -> Keyring {
        if let opened { return opened }
        let keyring = try session.keyring(files, pinned: pinned)
        opened = keyring
        return keyring
    }

    /// Checks the structure, then the signature.
    /// - Returns: only the text that is signed, and the good signatures.
    func verifyClearsigned(_ bytes: [UInt8], file: String) throws -> (text: [UInt8], signatures: [GoodSignature]) {
        try Clearsign.check(bytes, file: file)
        let verified = try keyring().verifyClearsigned(bytes, name: file)
        return (verified.text, verified.signatures)
    }

    func verifyDetached(_ signature: [UInt8], of bytes: [UInt8], file: String) throws -> [GoodSignature] {
        try Clearsign.checkDetached(signature, file: file)
        return try keyring().verifyDetached(signature, of: bytes, name: file)
    }
}
