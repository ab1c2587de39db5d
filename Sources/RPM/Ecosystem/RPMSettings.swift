import Basics
import Compression
import Mirroring

/// The keys of a repository of type `rpm`.
enum RPMSettings {
    static let upstream = Setting<[UpstreamURL]?>(
        "upstream", .oneOrMore(.url()), example: "https://mirrors.kernel.org/fedora/releases/42/Everything/x86_64/os",
        isEssential: true,
        summary:
            "where to mirror from: the directory that holds `repodata/`; `http`, `https` or `file`; a list is tried in order; instead of it `mirrorlist` or `metalink`; with none of them the repository is hosted"
    )
    static let mirrorlist = Setting<UpstreamURL?>(
        "mirrorlist", .url(), example: "https://mirrors.example.org/mirrorlist?arch=$basearch&repo=os-$releasever",
        summary: "a list of mirrors, one URL a line; they are tried in order")
    static let metalink = Setting<UpstreamURL?>(
        "metalink", .url(), example: "https://mirrors.example.org/metalink?repo=os-$releasever&arch=$basearch",
        summary: "mirrors with the checksum of the current repomd.xml, which is checked")
    static let variables = Setting<[(key: String, value: String)]>(
        "variables", .variables, default: [], defaultText: "none", example: "{releasever: 9, basearch: x86_64}",
        summary: "what `$releasever`, `$basearch` and others stand for in the URLs")
    static let keyring = Setting<[String]>(
        "keyring", .oneOrMore(.path), default: [], defaultText: "none", example: "/etc/pki/rpm-gpg/RPM-GPG-KEY-example",
        isEssential: true,
        summary: "files with the public keys that upstream signs with, binary or armored; needed unless `verify: false`"
    )
    static let fingerprints = Setting<[String]>(
        "fingerprints", .list(of: .fingerprint), default: [], defaultText: "any in the keyring",
        example: "[4CB50190207B4758A3F73A796ED0E7B82643E131]",
        summary: "keys or subkeys of the keyring whose signatures count")
    static let verify = Setting<VerificationChoice>(
        "verify", .verification, default: VerificationChoice(),
        defaultText: "the metadata where repomd.xml is signed, else the packages",
        example: "{metadata: true, packages: true}",
        summary:
            "which of upstream's signatures are verified: `metadata` (repomd.xml.asc), `packages` (each one's own); `false`: none"
    )
    static let sources = Setting<Bool>(
        "sources", .flag, default: false, example: "true",
        summary: "whether a filtered repository holds source packages; a verbatim one holds what upstream lists")
    static let treeinfo = Setting<Bool>(
        "treeinfo", .flag, default: true, example: "false",
        summary:
            "whether the files that `.treeinfo` lists (kernel, installer images) are mirrored, where upstream has it")
    static let compression = Setting<MetadataCompression>(
        "compression", .choice, default: .gz, example: "zstd",
        summary:
            "how metadata that chantal writes is compressed: `gz` is read by all clients, `zstd` by those of EL 8 and later"
    )

    static let all: [any DeclaredSetting] = [
        upstream, mirrorlist, metalink, variables, keyring, fingerprints, verify, sources, treeinfo, compression,
    ]

    static let modules = Setting<[ModuleChoice]>(
        "modules", .list(of: .module), default: [], defaultText: "all", example: "[\"nodejs:18\", postgresql]",
        summary:
            "module streams to take, `NAME:STREAM`, or `NAME` for all of its streams; packages of others are left out")
    static let groups = Setting<[String]>(
        "groups", .list(of: .text), default: [], defaultText: "all packages", example: "[core, \"@development\"]",
        summary: "groups and environments of comps whose packages are taken, beside what `include` names")
    static let debug = Setting<Bool>(
        "debug", .flag, default: true, example: "false",
        summary: "whether `-debuginfo` and `-debugsource` packages are taken")

    static let filter: [any DeclaredSetting] = [modules, groups, debug]
}

/// Which signatures are verified; nil where the configuration leaves it to what upstream signs.
struct VerificationChoice: Sendable, Equatable {
    var metadata: Bool?
    var packages: Bool?

    /// Nothing is verified, and that is what the user wants.
    var isOff: Bool { metadata == false && packages == false }
}

/// How metadata that chantal writes is compressed.
enum MetadataCompression: String, CaseIterable, Sendable {
    case gz, zstd, xz

    var format: CompressionFormat {
        switch self {
        case .gz: .gzip
        case .zstd: .zstd
        case .xz: .xz
        }
    }
}

/// A module, or one stream of it: `nodejs:18`. The stream is text: `2.10` is not `2.1`.
struct ModuleChoice: Sendable, Hashable {
    let name: String
    let stream: String?

    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, !first.isEmpty, parts.count == 1 || !parts[1].isEmpty,
            !text.contains(where: { $0.isWhitespace || $0 == "/" })
        else { return nil }
        name = first
        stream = parts.count == 2 ? parts[1] : nil
    }

    var text: String { stream.map { "\(name):\($0)" } ?? name }
}
