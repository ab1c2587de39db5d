import Basics
import Mirroring

/// Indexes of Python packages: mirrored whole or in part, their pages always written anew.
public struct PyPIEcosystem: Ecosystem {
    let section: RepositorySection

    public init(_ section: RepositorySection) throws { self.section = section }

    public static let declaration = EcosystemDeclaration(
        type: "pypi",
        summary:
            "An index of Python packages: the simple API (PEP 503, 691) of the index or of another mirror, read by pip and uv.",
        settings: IndexSettings.all, filterSettings: IndexSettings.filter, signsMetadata: false, canBeHosted: true,
        exampleName: "python", examples: ["upstream": "https://mirror.example/simple/"],
        checkConstraint: { text in
            SpecifierSet(text) == nil ? "'\(text)' is no version specifier such as >=2" : nil
        },
        check: problems)

    private static func problems(_ section: RepositorySection) -> [SettingProblem] {
        if section.isHosted { return hostedProblems(section) }
        if section.isView { return viewProblems(section) }
        var problems: [SettingProblem] = []
        let filter = section.filter
        if section.filterRules.dependencies {
            if filter?.value(IndexSettings.python).isEmpty ?? true
                || filter?.value(IndexSettings.platforms).isEmpty ?? true
            {
                problems.append(
                    SettingProblem(
                        key: "filter", "'dependencies' needs 'python' and 'platforms' beside it",
                        hint:
                            "what is needed depends on where it is installed: python: [3.11], platforms: [manylinux_2_17_x86_64]"
                    ))
            }
            if section.value(IndexSettings.projects).isEmpty, section.value(IndexSettings.requirements).isEmpty {
                problems.append(
                    SettingProblem(
                        key: "filter", "'dependencies' needs 'projects' or 'requirements' to begin with",
                        hint: "without them the whole index is mirrored, and all dependencies with it"))
            }
        }
        return problems
    }

    private static func viewProblems(_ section: RepositorySection) -> [SettingProblem] {
        guard section.filterRules.dependencies else { return [] }
        return [
            SettingProblem(
                key: FilterSettings.dependencies.name,
                "'dependencies' begins with 'projects' or 'requirements', and a view has none",
                hint: "set it for the members, where these stand; 'include' names what the view takes of them")
        ]
    }

    private static func hostedProblems(_ section: RepositorySection) -> [SettingProblem] {
        let mirrored: [any DeclaredSetting] = [
            IndexSettings.projects, IndexSettings.requirements, IndexSettings.lock, IndexSettings.verify,
            IndexSettings.provenance,
        ]
        return mirrored.filter { section.isGiven($0) }.map {
            SettingProblem(
                key: $0.name, "'\($0.name)' is about an upstream, and there is no 'upstream'",
                hint: "upstream: https://mirror.example/simple/, or leave it out for an index of your own")
        }
    }

    public func plan(_ session: SyncSession) throws -> PlanOutcome {
        if section.isHosted { return session.mayBeUnchanged ? .unchanged : try revise(session, .none) }
        return try IndexMirror(session: session, section: section).plan()
    }

    public func revise(_ session: SyncSession, _ revision: Revision) throws -> PlanOutcome {
        var plan = try HostedPlan(session: session, section: section)
        return .changed(try plan.plan(revision))
    }
}
