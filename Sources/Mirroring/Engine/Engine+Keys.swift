import OpenPGP

extension Engine {
    /// Opens the secret key that the configuration names, if it names one.
    ///
    /// - Returns: its fingerprint, nil without a `signing` section.
    /// - Throws: ``ChantalError`` when the key is not there or cannot sign.
    public func checkSigningKey() throws -> String? {
        guard let signing = configuration.signing else { return nil }
        let passphrase = try signing.passphrase.map { Array(try $0.reveal().utf8) }
        return try Signer(key: signing.key, home: signing.home, passphrase: passphrase).fingerprint
    }
}
