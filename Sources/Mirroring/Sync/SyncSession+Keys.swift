import Basics
import OpenPGP
import Store

extension SyncSession {
    /// The keys that a repository's metadata may be signed with.
    /// - Throws: `config` or `signature`, naming the file that cannot be read or holds no key.
    public func keyring(_ files: [String], pinned: [String] = []) throws -> Keyring {
        let home = try workDirectory("keyring")
        homes.append(home)
        return try Keyring(files: files, home: home.directory.path, pinned: pinned)
    }

    /// The user's key, nil if the configuration has none.
    public func signer() throws -> Signer? {
        guard let signing else { return nil }
        return try Signer(
            key: signing.key, home: signing.home, passphrase: signing.passphrase.map { Array(try $0.reveal().utf8) })
    }

    /// Since when each of these has been offered, for quarantines where upstream has no dates; noted now for what is new.
    public func firstSeen(_ packages: [Checksum]) throws -> [Timestamp] { try firstSight.note(packages, at: now) }

    /// What the record store is to remember of it, nil if nothing.
    var changedFirstSeen: FirstSeen? { firstSight.changed }
}
