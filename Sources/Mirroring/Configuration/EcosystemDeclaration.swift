import Basics

/// What a repository of one type may say in the configuration.
public struct EcosystemDeclaration: Sendable {
    /// The value of `type`.
    public let type: String
    /// Sentences for the reference.
    public let summary: String
    /// The type's own keys. One with the name of a common key takes its place (another default, another kind).
    public let settings: [any DeclaredSetting]
    /// The type's own keys under `filter`.
    public let filterSettings: [any DeclaredSetting]
    /// Whether it writes signed metadata of its own where a repository is filtered, hosted or part of a view.
    public let signsMetadata: Bool
    /// Whether a repository without upstream makes sense: one that is filled by `add`.
    public let canBeHosted: Bool
    /// The keys that name an upstream; a repository with none of them is hosted.
    public let upstreamKeys: [String]
    /// The name of the repository in the example.
    public let exampleName: String
    /// Values for the example in place of the common keys' own: `["upstream": "https://mirror.example/debian"]`.
    public let examples: [String: String]
    /// Tests a version constraint of a name pattern (`>= 1.22`): what is wrong with it, or nil.
    public let checkConstraint: @Sendable (String) -> String?
    /// Rules between keys; called once every key alone is right.
    public let check: @Sendable (RepositorySection) -> [SettingProblem]

    public init(
        type: String, summary: String, settings: [any DeclaredSetting], filterSettings: [any DeclaredSetting] = [],
        signsMetadata: Bool, canBeHosted: Bool, upstreamKeys: [String] = ["upstream"],
        exampleName: String, examples: [String: String] = [:],
        checkConstraint: @escaping @Sendable (String) -> String?,
        check: @escaping @Sendable (RepositorySection) -> [SettingProblem]
    ) {
        self.type = type
        self.summary = summary
        self.settings = settings
        self.filterSettings = filterSettings
        self.signsMetadata = signsMetadata
        self.canBeHosted = canBeHosted
        self.upstreamKeys = upstreamKeys
        self.exampleName = exampleName
        self.examples = examples
        self.checkConstraint = checkConstraint
        self.check = check
    }

    /// Every key of a repository of this type.
    public var repositoryDeclaration: SectionDeclaration {
        SectionDeclaration(
            name: "repository of type \(type)", summary: summary, settings: CommonSettings.repository
        )
        .overridden(by: settings + [CommonSettings.filter(filterDeclaration)])
    }

    /// Every key of `filter` for this type.
    public var filterDeclaration: SectionDeclaration {
        FilterSettings.declaration
            .overridden(by: FilterSettings.patterns(checkConstraint: checkConstraint) + filterSettings)
    }
}

/// A broken rule between keys.
public struct SettingProblem: Sendable {
    /// The key it is shown at; the section itself if nil or absent.
    public let key: String?
    public let message: String
    public let hint: String?

    public init(key: String? = nil, _ message: String, hint: String? = nil) {
        self.key = key
        self.message = message
        self.hint = hint
    }
}
