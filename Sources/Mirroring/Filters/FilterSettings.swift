import Basics

/// The keys of `filter` that all types have.
public enum FilterSettings {
    public static let include = patterns(
        "include", defaultText: "everything", example: "[\"nginx*\", \"/^lib.*-dev$/\", \"curl (>= 8)\"]",
        summary:
            "names to take: globs on the whole name, `/regex/` (POSIX extended, anywhere in the name), each with a version constraint after it if wanted"
    ) { _ in nil }
    public static let exclude = patterns(
        "exclude", defaultText: "nothing", example: "[\"*-dbg\"]",
        summary: "names to leave out, written as for `include`; they win over it"
    ) { _ in nil }
    public static let architectures = Setting<[String]?>(
        "architectures", .list(of: .text), defaultText: "all", example: "[amd64]",
        summary: "architectures to take; packages for every architecture are always taken")
    public static let latest = Setting<Int?>(
        "latest", .count(1...), defaultText: "all", example: "2",
        summary: "newest versions to take per name and architecture")
    public static let minAge = Setting<Int64?>(
        "min_age", .duration, defaultText: "none", example: "7d",
        summary: "quarantine: nothing younger than this, by upstream's date or else by when chantal first saw it")
    public static let minAgeInitial = Setting<Bool>(
        "min_age_initial", .flag, default: false, example: "false",
        summary: "whether `min_age` also holds for what the first generation finds")
    public static let maxSize = Setting<Int64?>(
        "max_size", .size, defaultText: "none", example: "500MB", summary: "largest package to take")
    public static let dependencies = Setting<Bool>(
        "dependencies", .flag, default: false, example: "false",
        summary: "whether everything that the selection needs is taken as well, transitively")

    public static let declaration = SectionDeclaration(
        name: "filter",
        summary: "A repository or view with `filter` holds what it selects, with metadata written anew.",
        settings: [include, exclude, architectures, latest, minAge, minAgeInitial, maxSize, dependencies])

    /// The keys that take patterns, with constraints that are tested.
    static func patterns(checkConstraint: @escaping @Sendable (String) -> String?) -> [any DeclaredSetting] {
        func tested(_ setting: Setting<[NamePattern]>) -> Setting<[NamePattern]> {
            patterns(
                setting.name, defaultText: setting.defaultText, example: setting.example, summary: setting.summary,
                checkConstraint: checkConstraint)
        }
        return [tested(include), tested(exclude)]
    }

    private static func patterns(
        _ name: String, defaultText: String?, example: String, summary: String,
        checkConstraint: @escaping @Sendable (String) -> String?
    ) -> Setting<[NamePattern]> {
        Setting(
            name, .list(of: .namePattern(checkConstraint: checkConstraint)), default: [], defaultText: defaultText,
            example: example, summary: summary)
    }
}
