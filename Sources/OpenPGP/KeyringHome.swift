import Basics
internal import CGPGME
import Glibc

/// The gpg home that holds a keyring's keys and nothing else.
enum KeyringHome {
    /// No agent, no network, no trust database, no locks: the home is the caller's alone. Signatures of unknown trust are judged by us.
    private static let configuration = """
        batch
        no-autostart
        disable-dirmngr
        no-auto-key-retrieve
        no-auto-check-trustdb
        trust-model always
        no-random-seed-file
        lock-never

        """

    /// Writes the configuration, and the keys as the keyring file that gpg before 2.1 had and every later one still reads:
    /// four times faster than an import, which checks every certification of every key before the first use.
    static func fill(_ home: String, _ material: [KeyringFile.Key]) throws {
        try write(Array(configuration.utf8), home, "gpg.conf")
        if needsImport(material) { return }
        var seen: Set<[UInt8]> = []
        var ring: [UInt8] = []
        for key in material where seen.insert(key.primary).inserted { ring += key.bytes }
        try write(ring, home, "pubring.gpg")
    }

    /// Whether one key comes in two states, say with and without its revocation: only gpg's import merges them.
    static func needsImport(_ material: [KeyringFile.Key]) -> Bool {
        var seen: [[UInt8]: [UInt8]] = [:]
        for key in material {
            if let other = seen.updateValue(key.bytes, forKey: key.primary), other != key.bytes { return true }
        }
        return false
    }

    static func importKeys(_ material: [KeyringFile.Key], _ context: EngineContext) throws {
        for key in material {
            try key.bytes.withUnsafeBytes { buffer in
                let data = try EngineData(borrowing: buffer)
                try Engine.check(gpgme_op_import(context.handle, data.handle), "gpg cannot import a key")
            }
        }
    }

    private static func write(_ bytes: [UInt8], _ home: String, _ name: String) throws {
        let path = "\(home)/\(name)"
        func failed() -> ChantalError {
            let number = errno
            return ChantalError(
                number == ENOSPC || number == EDQUOT ? .noSpace : number == EACCES ? .permission : .io,
                "cannot write \(path): \(String(cString: strerror(number)))", path: path)
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failed() }
        defer { close(descriptor) }
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + position, $0.count - position)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failed() }
            position += count
        }
    }
}
