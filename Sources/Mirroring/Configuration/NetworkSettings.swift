import Basics

/// How to reach upstreams.
public struct NetworkSettings: Sendable {
    /// Connections at once, all hosts together.
    public let connections: Int
    /// Connections at once to one host.
    public let perHost: Int
    /// Bytes a second of all downloads together; nil for no limit.
    public let bandwidth: Int64?
    /// Seconds without a byte until a transfer counts as stalled.
    public let timeout: Int64
    /// Attempts after the first.
    public let retries: Int
    public let proxy: ProxySetting
    /// A file of certificates to trust instead of the system's.
    public let ca: String?

    static let connectionsSetting = Setting<Int>(
        "connections", .count(1...256), default: 16, example: "16", summary: "connections at once")
    static let perHostSetting = Setting<Int>(
        "per_host", .count(1...256), default: 8, example: "8", summary: "connections at once to one host")
    static let bandwidthSetting = Setting<Int64?>(
        "bandwidth", .rate, defaultText: "no limit", example: "50MB",
        summary: "bytes a second, all downloads together")
    static let timeoutSetting = Setting<Int64>(
        "timeout", .duration.checked { $0 > 0 && $0 <= 86_400 ? nil : "a time-out lies between 1s and 1d" },
        default: 30, example: "30s", summary: "how long a transfer may go without a byte")
    static let retriesSetting = Setting<Int>(
        "retries", .count(0...100), default: 5, example: "5",
        summary: "attempts after the first, exponentially apart with jitter; `Retry-After` is honoured")
    static let proxySetting = Setting<ProxySetting>(
        "proxy", .proxy, default: .environment, example: "http://proxy.example:3128",
        summary: "a proxy, or `none`; by default as the environment says, with `no_proxy`")
    static let caSetting = Setting<String?>(
        "ca", .path, defaultText: "the system's", example: "/etc/ssl/corp.pem",
        summary: "a file of CA certificates to trust")

    public static let declaration = SectionDeclaration(
        name: "network", summary: "How to reach upstreams; each key may also stand under a repository.",
        settings: [
            connectionsSetting, perHostSetting, bandwidthSetting, timeoutSetting, retriesSetting, proxySetting,
            caSetting,
        ])

    init(_ values: SectionValues) {
        connections = values.value(NetworkSettings.connectionsSetting)
        perHost = values.value(NetworkSettings.perHostSetting)
        bandwidth = values.value(NetworkSettings.bandwidthSetting)
        timeout = values.value(NetworkSettings.timeoutSetting)
        retries = values.value(NetworkSettings.retriesSetting)
        proxy = values.value(NetworkSettings.proxySetting)
        ca = values.value(NetworkSettings.caSetting)
    }
}

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

/// What is kept without a name.
public struct RetentionSettings: Sendable {
    /// Generations without a snapshot's name, the latest included.
    public let generations: Int

    static let generationsSetting = Setting<Int>(
        "generations", .count(1...), default: 5, example: "5",
        summary: "generations without a name that are kept per repository, the latest included")

    public static let declaration = SectionDeclaration(
        name: "retention", summary: "What is kept; named snapshots stay until they are deleted.",
        settings: [generationsSetting])

    init(_ values: SectionValues) {
        generations = values.value(RetentionSettings.generationsSetting)
    }
}

/// The key that signs the metadata that chantal writes.
public struct SigningSettings: Sendable {
    /// The fingerprint in upper-case hex.
    public let key: String
    /// The GnuPG home with the secret key; the user's own if nil.
    public let home: String?
    public let passphrase: Secret?

    static let keySetting = Setting<String?>(
        "key", .fingerprint, example: "0123456789ABCDEF0123456789ABCDEF01234567",
        isEssential: true, summary: "fingerprint of the secret key")
    static let homeSetting = Setting<String?>(
        "home", .path, defaultText: "the user's own", example: "/etc/chantal/gnupg",
        summary: "the GnuPG home that holds it")
    static let passphraseSetting = Setting<Secret?>(
        "passphrase", .secret, example: "${PASSPHRASE}", summary: "passphrase of the key")

    public static let declaration = SectionDeclaration(
        name: "signing", summary: "The key that signs the metadata that chantal writes.",
        settings: [keySetting, homeSetting, passphraseSetting])

    /// Nil without `key`.
    init?(_ values: SectionValues) {
        guard let key = values.value(SigningSettings.keySetting) else { return nil }
        self.key = key
        home = values.value(SigningSettings.homeSetting)
        passphrase = values.value(SigningSettings.passphraseSetting)
    }
}

extension ValueKind where Value == String {
    /// A whole OpenPGP fingerprint: 40 hex digits (version 4) or 64 (version 6); the value is upper-case.
    public static var fingerprint: ValueKind {
        ValueKind(
            typeName: "fingerprint",
            schema: .object([
                "type": .list([.text("string"), .text("number")]),
                "pattern": .text("^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|\(environmentPattern))$"),
            ]),
            parse: { node, context in
                let text = try context.text(node, expected: "a fingerprint").uppercased()
                guard [40, 64].contains(text.utf8.count), text.utf8.allSatisfy({ Hex.value($0) != nil }) else {
                    throw context.error(
                        node, "'\(node.text ?? "")' is not a fingerprint of 40 hex digits",
                        hint: "`gpg --list-secret-keys` shows it; short key ids are not safe")
                }
                return text
            }, show: { .text($0) })
    }
}
