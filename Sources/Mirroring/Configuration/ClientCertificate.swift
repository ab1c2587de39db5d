import Basics

/// A certificate to show to upstream, in PEM files.
public struct ClientCertificate: Sendable {
    public let certificate: String
    /// Nil if the key stands in the certificate's file.
    public let key: String?
    public let passphrase: Secret?

    static let certSetting = Setting<String?>(
        "cert", .path, example: "client.pem", isEssential: true, summary: "the certificate (PEM)")
    static let keySetting = Setting<String?>(
        "key", .path, defaultText: "within `cert`", example: "client.key", isEssential: true,
        summary: "its private key (PEM)")
    static let passphraseSetting = Setting<Secret?>(
        "passphrase", .secret, example: "${PASSPHRASE}", summary: "passphrase of the key")

    public static let declaration = SectionDeclaration(
        name: "client_certificate", summary: "A certificate to show to upstream.",
        settings: [certSetting, keySetting, passphraseSetting])

    /// - Throws: ``ChantalError`` `config` without `cert`.
    init(_ values: SectionValues) throws {
        guard let certificate = values.value(ClientCertificate.certSetting) else {
            throw values.location.error("'client_certificate' needs 'cert'")
        }
        self.certificate = certificate
        key = values.value(ClientCertificate.keySetting)
        passphrase = values.value(ClientCertificate.passphraseSetting)
    }
}
