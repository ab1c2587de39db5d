import Basics
import Glibc

/// A GnuPG home of its own with throwaway keys; its agent ends with it.
public final class GPGHome: Sendable {
    /// A primary key that signs.
    public struct Key: Sendable, Hashable {
        /// 40 upper-case hex digits.
        public let fingerprint: String
    }

    private let directory: TemporaryDirectory
    /// The directory, mode 0700.
    public var path: String { directory.path }

    public init() throws {
        directory = try TemporaryDirectory("gpg")
        guard chmod(directory.path, 0o700) == 0 else { throw systemError("chmod", directory.path) }
    }

    deinit {
        _ = try? Subprocess.run(["gpgconf", "--homedir", path, "--kill", "all"], timeout: 20)
    }

    /// Makes a key.
    /// - Parameters:
    ///   - algorithm: as `gpg --quick-generate-key` takes it: `ed25519`, `rsa2048`, …
    ///   - expires: `never`, a number with `d`, `w`, `m`, `y`, or `seconds=N`, from when it is made.
    ///   - at: when it was made; now if nil. With `expires` in the past it is an expired key.
    public func makeKey(
        _ name: String = "Test Archive", algorithm: String = "ed25519", expires: String = "never",
        at: Timestamp? = nil, passphrase: String = ""
    ) throws -> Key {
        let made = try gpg(
            ["--passphrase", passphrase, "--status-fd", "1", "--quick-generate-key"]
                + ["\(name) <archive@example.test>", algorithm, "sign", expires], at: at)
        // [GNUPG:] KEY_CREATED P 0123…
        for line in made.stdout.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count >= 4, words[1] == "KEY_CREATED" { return Key(fingerprint: String(words[3])) }
        }
        throw ChantalError(.io, made.report)
    }

    /// Adds a subkey that signs; gpg then signs with it. Gives its fingerprint.
    public func addSigningSubkey(_ key: Key, algorithm: String = "ed25519", expires: String = "never") throws -> String
    {
        try gpg(["--passphrase", "", "--quick-add-key", key.fingerprint, algorithm, "sign", expires])
        let listing = try gpg(["--with-colons", "--with-subkey-fingerprint", "--list-keys", key.fingerprint]).stdout
        let prints = listing.split(separator: "\n").filter { $0.hasPrefix("fpr:") }
        guard let last = prints.last?.split(separator: ":", omittingEmptySubsequences: false), last.count > 9 else {
            throw ChantalError(.io, listing)
        }
        return String(last[9])
    }

    /// Revokes a key: public keys exported from now on say so. Signatures can no longer be made with it.
    public func revoke(_ key: Key) throws {
        let certificate = try directory.text("openpgp-revocs.d/\(key.fingerprint).rev")
        // A colon before the armor guards against importing it unawares.
        let armor = certificate.replacing("\n:-----BEGIN", with: "\n-----BEGIN")
        try gpg(["--import"], stdin: Array(armor.utf8))
    }

    /// Public keys, one file's worth.
    public func exportPublic(_ keys: Key..., armored: Bool = true) throws -> [UInt8] {
        try gpg((armored ? ["--armor"] : []) + ["--export"] + keys.map(\.fingerprint)).standardOutput
    }

    /// The secret key, armored, for another home.
    public func exportSecret(_ key: Key, passphrase: String = "") throws -> [UInt8] {
        try gpg(["--passphrase", passphrase, "--armor", "--export-secret-keys", key.fingerprint]).standardOutput
    }

    /// Imports keys, public or secret.
    public func `import`(_ bytes: [UInt8]) throws {
        try gpg(["--passphrase", "", "--import"], stdin: bytes)
    }

    /// A clearsigned document (RFC 4880, 7).
    /// - Parameters:
    ///   - keys: one signature by each.
    ///   - at: when it is said to be signed; needed for an expired key.
    ///   - digest: `SHA512`, `SHA1`, …
    public func clearsign(
        _ bytes: [UInt8], by keys: [Key], at: Timestamp? = nil, digest: String = "SHA512", passphrase: String = ""
    ) throws -> [UInt8] {
        try sign(["--clearsign"], bytes, keys, at, digest, passphrase)
    }

    /// Detached signatures, armored.
    public func detachedSign(
        _ bytes: [UInt8], by keys: [Key], at: Timestamp? = nil, digest: String = "SHA512", armored: Bool = true,
        passphrase: String = ""
    ) throws -> [UInt8] {
        try sign((armored ? ["--armor"] : []) + ["--detach-sign"], bytes, keys, at, digest, passphrase)
    }

    private func sign(
        _ mode: [String], _ bytes: [UInt8], _ keys: [Key], _ at: Timestamp?, _ digest: String, _ passphrase: String
    ) throws -> [UInt8] {
        let who = keys.flatMap { ["--local-user", $0.fingerprint] }
        let how = ["--digest-algo", digest, "--allow-weak-digest-algos", "--passphrase", passphrase]
        return try gpg(how + who + mode, stdin: bytes, at: at).standardOutput
    }

    /// Runs gpg in this home.
    /// - Parameter at: the time it takes for now.
    @discardableResult
    public func gpg(_ arguments: [String], stdin: [UInt8] = [], at: Timestamp? = nil) throws -> ProcessResult {
        var options = ["--homedir", path, "--batch", "--yes", "--no-tty", "--quiet", "--pinentry-mode", "loopback"]
        if let at {
            // 20261121T114000! stands still.
            let text = at.rfc3339.filter { $0 != "-" && $0 != ":" && $0 != "Z" }
            options += ["--faked-system-time", "\(text)!", "--ignore-time-conflict", "--ignore-valid-from"]
        }
        return try Subprocess.run(["gpg"] + options + arguments, stdin: stdin).checked()
    }
}
