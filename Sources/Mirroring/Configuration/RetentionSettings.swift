import Basics

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

    /// What counts where nothing is written.
    static let defaults = SectionValues(declaration: declaration, location: .top(of: "chantal.yaml"))

    init(_ values: SectionValues) {
        generations = values.value(RetentionSettings.generationsSetting)
    }
}
