import Basics
import Mirroring

/// The keys of a repository of type `apt`.
enum ArchiveSettings {
    static let suites = Setting<[Suite]>(
        "suites", .list(of: .suite), default: [], defaultText: "needed; `stable` if hosted",
        example: "[bookworm, bookworm-updates]", isEssential: true,
        summary:
            "suites or codenames below `dists/`; a directory of its own for a flat repository is written with a slash: `./`"
    )
    static let components = Setting<AllOr<String>>(
        "components", .allOrList(of: .component), default: .all, defaultText: "all in Release; `main` if hosted",
        example: "[main]",
        isEssential: true, summary: "components to mirror")
    static let architectures = Setting<AllOr<String>>(
        "architectures", .allOrList(of: .architecture), default: .all,
        defaultText: "all in Release; those of its packages if hosted", example: "[amd64]",
        isEssential: true, summary: "architectures to mirror; packages for all of them always belong to it")
    static let sources = Setting<Bool>(
        "sources", .flag, default: false, example: "true", summary: "whether source packages are mirrored")
    static let udebs = Setting<Bool>(
        "udebs", .flag, default: false, example: "true", summary: "whether the packages of the installer are mirrored")
    static let installer = Setting<Bool>(
        "installer", .flag, default: false, example: "true",
        summary: "whether the images of the installer are mirrored, each of at most 2 GiB"
    )
    static let contents = Setting<Bool>(
        "contents", .flag, default: true, example: "false",
        summary: "whether Contents (which package holds which file) are mirrored")
    static let translations = Setting<AllOr<String>>(
        "translations", .allOrList(of: .text), default: .all, example: "[en, de]",
        summary: "languages of package descriptions; without any, clients show short ones only")
    static let pdiffs = Setting<Bool>(
        "pdiffs", .flag, default: false, example: "true",
        summary: "whether patches between states of an index are mirrored")
    static let keyring = Setting<[String]>(
        "keyring", .oneOrMore(.path), default: [], defaultText: "none",
        example: "/usr/share/keyrings/debian-archive-keyring.gpg", isEssential: true,
        summary: "files with the public keys that upstream signs with, binary or armored; needed unless `verify: false`"
    )
    static let fingerprints = Setting<[String]>(
        "fingerprints", .list(of: .fingerprint), default: [], defaultText: "any in the keyring",
        example: "[4CB50190207B4758A3F73A796ED0E7B82643E131]",
        summary: "keys or subkeys of the keyring whose signatures count")
    static let checkValidUntil = Setting<Bool>(
        "check_valid_until", .flag, default: true, example: "false",
        summary: "whether a Release whose Valid-Until has passed is an error")
    static let allowWeakHashes = Setting<Bool>(
        "allow_weak_hashes", .flag, default: false, example: "true",
        summary: "whether MD5 and SHA1 are enough where upstream has nothing stronger")
    static let origin = Setting<String?>(
        "origin", .text, defaultText: "upstream's", example: "Example",
        summary: "Origin of metadata that chantal writes")
    static let label = Setting<String?>(
        "label", .text, defaultText: "upstream's", example: "Example", summary: "Label of metadata that chantal writes")
    static let suite = Setting<String?>(
        "suite", .text, defaultText: "upstream's; the suite's name if hosted", example: "stable",
        summary: "Suite of metadata that chantal writes")
    static let codename = Setting<String?>(
        "codename", .text, defaultText: "upstream's; the suite's name if hosted", example: "bookworm",
        summary: "Codename of metadata that chantal writes")
    static let validFor = Setting<Int64?>(
        "valid_for", .duration, defaultText: "no Valid-Until", example: "14d",
        summary: "how long metadata that chantal writes is valid; a sync in the second half of that time signs it anew")

    static let all: [any DeclaredSetting] = [
        suites, components, architectures, sources, udebs, installer, contents, translations, pdiffs, keyring,
        fingerprints, checkValidUntil, allowWeakHashes, origin, label, suite, codename, validFor,
    ]

    static let sections = Setting<[NamePattern]>(
        "sections", .list(of: .pathGlob), default: [], defaultText: "all", example: "[net, \"contrib/*\"]",
        summary: "globs on Section")
    static let priorities = Setting<[String]>(
        "priorities", .list(of: .text), default: [], defaultText: "all", example: "[required, important, standard]",
        summary: "values of Priority to take")

    static let filter: [any DeclaredSetting] = [sections, priorities]
}

extension ValueKind where Value == Suite {
    static var suite: ValueKind {
        let text = ValueKind<String>.text
        return ValueKind(
            typeName: "suite", schema: text.schema,
            parse: { node, context in
                let name = try context.text(node, expected: "a suite")
                do { return try Suite(name) } catch let error as ChantalError {
                    throw context.error(node, error.message, hint: error.hint)
                }
            }, show: { .text($0.name) })
    }
}

extension ValueKind where Value == String {
    static var component: ValueKind {
        ValueKind.text.checked {
            ArchiveToken.isComponent($0)
                ? nil : "'\($0)' is no component: words of letters, digits and .+-_~, joined by '/'"
        }.named("component")
    }

    static var architecture: ValueKind {
        ValueKind.text.checked { ArchiveToken.isArchitecture($0) ? nil : "'\($0)' is no architecture" }
            .named("architecture")
    }

    static var fingerprint: ValueKind {
        ValueKind.text.checked { text in
            let digits = text.utf8.filter { $0 != 0x20 }
            return digits.count >= 40 && digits.count <= 64 && digits.allSatisfy { Hex.value($0) != nil }
                ? nil : "'\(text)' is no fingerprint: 40 hex digits"
        }.named("fingerprint")
    }
}
