import Basics

/// What to do about a file that upstream's metadata names and upstream does not have.
public enum MissingPolicy: String, CaseIterable, Sendable {
    /// The sync fails and the last generation stays.
    case fail
    /// The sync commits with the last good state of what failed, and says so.
    case keep
}

/// The keys that repositories of all types have.
public enum CommonSettings {
    public static let upstream = Setting<[UpstreamURL]?>(
        "upstream", .oneOrMore(.url()), example: "https://mirror.example/path", isEssential: true,
        summary:
            "where to mirror from: `http`, `https` or `file`; a list is tried in order, per file; without it the repository is hosted and filled by `chantal add`"
    )
    public static let verify = Setting<Bool>(
        "verify", .flag, default: true, example: "true", summary: "whether upstream's signatures are verified")
    public static let sign = Setting<Bool>(
        "sign", .flag, default: true, example: "true",
        summary: "whether metadata that chantal writes is signed with `signing.key`")
    public static let onMissing = Setting<MissingPolicy>(
        "on_missing", .choice, default: .fail, example: "fail",
        summary:
            "what a file that upstream names and lacks leads to: `fail` keeps the last generation, `keep` commits without it and exits 1"
    )
    public static let allowMissing = Setting<[NamePattern]>(
        "allow_missing", .list(of: .pathGlob), default: [], defaultText: "none", example: "[\"pool/non-free/*\"]",
        summary:
            "globs on paths (`*` also matches `/`) that may be missing upstream; they are left out and named in `status`"
    )
    public static let publicURL = Setting<UpstreamURL?>(
        "public_url", .url(["http", "https"]), example: "https://packages.example/repository",
        summary: "the URL that clients read this repository at")
    public static let username = Setting<String?>(
        "username", .text, example: "ci", affectsContent: false, summary: "user for basic authentication at upstream")
    public static let password = Setting<Secret?>(
        "password", .secret, example: "${PASSWORD}", affectsContent: false, summary: "password of `username`")
    public static let token = Setting<Secret?>(
        "token", .secret, example: "${TOKEN}", affectsContent: false,
        summary: "bearer token for upstream, instead of `username`")
    public static let headers = Setting<[(key: String, value: Secret)]>(
        "headers", .headers, default: [], defaultText: "none", example: "{X-Access: \"${ACCESS}\"}",
        affectsContent: false,
        summary: "further request headers for upstream; their values are secrets")
    public static let clientCertificate = Setting<SectionValues?>(
        "client_certificate", .section(ClientCertificate.declaration), example: "{cert: client.pem, key: client.key}",
        affectsContent: false, summary: "a certificate to show to upstream")
    public static let retention = Setting<SectionValues?>(
        "retention", .section(RetentionSettings.declaration), example: "{generations: 5}", affectsContent: false,
        summary: "as the global `retention`, for this repository")
    public static let network = Setting<SectionValues?>(
        "network", .section(NetworkSettings.declaration), example: "{timeout: 60s}", affectsContent: false,
        summary: "keys of the global `network` that differ for this repository")

    /// The keys below it depend on the type; see ``EcosystemDeclaration/filterDeclaration``.
    public static let filter = filter(FilterSettings.declaration)

    static func filter(_ declaration: SectionDeclaration) -> Setting<SectionValues?> {
        Setting(
            "filter", .section(declaration), example: "{latest: 2}",
            summary: "selects packages; the metadata is then written anew")
    }

    static let typeName = "type"

    static let repository: [any DeclaredSetting] = [
        upstream, verify, sign, onMissing, allowMissing, publicURL, username, password, token, headers,
        clientCertificate, retention, network,
    ]
}

extension ValueKind where Value == [(key: String, value: Secret)] {
    /// Request headers (RFC 9110, 5.1): names are tokens.
    static var headers: ValueKind {
        let mapping = ValueKind.mapping(of: .secret)
        return ValueKind(
            typeName: "mapping of header names to secrets", schema: mapping.schema,
            parse: { node, context in
                let headers = try mapping.parse(node, context)
                let entries = node.entries ?? []
                for entry in entries where !isToken(entry.key) {
                    throw SourceLocation(file: context.file, line: entry.line, column: entry.column)
                        .error("'\(entry.key)' is no header name")
                }
                return headers
            }, show: mapping.show)
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                $0.isASCIILetter || $0.isASCIIDigit || "!#$%&'*+-.^_`|~".utf8.contains($0)
            }
    }
}
