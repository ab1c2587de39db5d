import Basics
import Mirroring

/// The keys of a repository of type `pypi`.
enum IndexSettings {
    static let upstream = Setting<[UpstreamURL]?>(
        "upstream", .oneOrMore(.url()), example: "https://mirror.example/simple/", isEssential: true,
        summary:
            "the simple index to mirror from, as pip's `--index-url` names it: `http`, `https` or `file`; a list is tried in order, per page"
    )
    static let verify = Setting<Bool>(
        "verify", .flag, default: true, example: "true",
        summary: "whether files for which the index declares no hash at all are refused")
    static let onMissing = Setting<MissingPolicy>(
        "on_missing", .choice, default: .keep, example: "keep",
        summary:
            "what a project or file that cannot be fetched leads to: `keep` commits the rest, with that project's last state, and exits 1; `fail` keeps the last generation"
    )
    static let projects = Setting<[Requirement]>(
        "projects", .list(of: .requirement), default: [],
        defaultText: "the whole index, unless `requirements` or `lock` is given",
        example: "[\"numpy>=2\", requests]", isEssential: true,
        summary: "projects to mirror, each with a version specifier if wanted (PEP 508)")
    static let requirements = Setting<[String]>(
        "requirements", .oneOrMore(.path), default: [], defaultText: "none", example: "requirements.txt",
        isEssential: true,
        summary:
            "requirements files as pip reads them, nested ones and constraints included, whose projects are mirrored")
    static let lock = Setting<[String]>(
        "lock", .oneOrMore(.path), default: [], defaultText: "none", example: "pylock.toml",
        summary:
            "lock files (`pylock.toml`, `uv.lock`): exactly the files that they name are mirrored; one that upstream lacks, or has with another hash, is an error"
    )
    static let provenance = Setting<Bool>(
        "provenance", .flag, default: true, example: "false",
        summary: "whether attestations (PEP 740) are mirrored; pages name them where `public_url` is set")

    static let all: [any DeclaredSetting] = [
        upstream, verify, onMissing, projects, requirements, lock, provenance,
    ]

    static let prereleases = Setting<Bool>(
        "prereleases", .flag, default: false, example: "true",
        summary: "whether pre-releases are taken although there are final releases and none is asked for")
    static let python = Setting<[String]>(
        "python", .list(of: .python), default: [], defaultText: "all", example: "[3.11, 3.12]",
        summary: "versions of CPython: only what they can install")
    static let platforms = Setting<[TargetPlatform]>(
        "platforms", .list(of: .platform), default: [], defaultText: "all",
        example: "[manylinux_2_17_x86_64, win_amd64]",
        summary: "platforms, as wheels name them: only what can be installed there")
    static let formats = Setting<[DistributionFormat]?>(
        "formats", .list(of: .choice), defaultText: "all", example: "[wheel, sdist]",
        summary: "kinds of files to take")
    static let yanked = Setting<Bool>(
        "yanked", .flag, default: true, example: "false",
        summary:
            "whether yanked files are taken; with `latest` they do not count, and are taken only where a version is named or there is nothing else"
    )

    static let filter: [any DeclaredSetting] = [prereleases, python, platforms, formats, yanked]
}

/// A kind of file that clients install from.
enum DistributionFormat: String, CaseIterable, Sendable {
    case wheel
    case sdist
}

extension ValueKind where Value == Requirement {
    /// A project's name and a version specifier (PEP 508), without a URL or a marker.
    static var requirement: ValueKind {
        ValueKind(
            typeName: "requirement", schema: ValueKind<String>.text.schema,
            parse: { node, context in
                let text = try context.text(node, expected: "a project")
                do {
                    let requirement = try Requirement(text)
                    if requirement.url != nil {
                        throw context.error(node, "'\(text)' names a URL", hint: "name the project alone")
                    }
                    if requirement.marker != nil {
                        throw context.error(
                            node, "'\(text)' has a marker", hint: "write it in a requirements file")
                    }
                    return requirement
                } catch let error as ChantalError where error.code != .config {
                    throw context.error(node, "'\(text)' is no requirement: \(error.message)", hint: error.hint)
                }
            }, show: { .text($0.description) })
    }
}

extension ValueKind where Value == TargetPlatform {
    static var platform: ValueKind {
        ValueKind(
            typeName: "platform", schema: ValueKind<String>.text.schema,
            parse: { node, context in
                let text = try context.text(node, expected: "a platform")
                if let platform = TargetPlatform(text) { return platform }
                throw context.error(
                    node, "'\(text)' is no platform",
                    hint: "such as manylinux_2_17_x86_64, musllinux_1_2_aarch64, macosx_11_0_arm64, win_amd64")
            }, show: { .text($0.text) })
    }
}

extension ValueKind where Value == String {
    /// `3.11` or `3.11.4`.
    static var python: ValueKind {
        ValueKind.text.checked {
            IndexSettings.isPython($0) ? nil : "'\($0)' is no version of Python such as 3.11"
        }.named("Python version")
    }
}

extension IndexSettings {
    static func isPython(_ text: String) -> Bool {
        TargetPlatform("linux_x86_64").flatMap { Target(python: text, platform: $0) } != nil
    }
}
