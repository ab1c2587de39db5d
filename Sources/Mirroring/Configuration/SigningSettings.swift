import Basics
import YAML

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
