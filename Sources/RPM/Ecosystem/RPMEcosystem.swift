import Basics
import Mirroring

/// RPM repositories (`repodata/repomd.xml`): mirrored byte for byte, or filtered and written anew.
public struct RPMEcosystem: Ecosystem {
    let section: RepositorySection

    public init(_ section: RepositorySection) throws { self.section = section }

    public static let declaration = EcosystemDeclaration(
        type: "rpm",
        summary: "An RPM repository as dnf and zypper read it: `repodata/repomd.xml` and packages.",
        settings: RPMSettings.all, filterSettings: RPMSettings.filter, signsMetadata: true, canBeHosted: true,
        upstreamKeys: ["upstream", "mirrorlist", "metalink"], exampleName: "fedora",
        checkConstraint: { text in
            do {
                _ = try VersionConstraint(parsing: text)
                return nil
            } catch { return ChantalError.wrap(error).message }
        },
        check: problems)

    private static func problems(_ section: RepositorySection) -> [SettingProblem] {
        if section.isHosted { return hostedProblems(section) }
        // Where its packages come from is its members' business, and every key of a filter works on them.
        if section.isView { return [] }
        var problems: [SettingProblem] = []
        let keys = declaration.upstreamKeys
        let given = [RPMSettings.mirrorlist, RPMSettings.metalink].filter { section.isGiven($0) }.map(\.name)
        let sources = (section.isGiven(RPMSettings.upstream) ? [keys[0]] : []) + given
        if sources.count > 1 {
            problems.append(
                SettingProblem(
                    key: sources[1], "'\(sources[0])' and '\(sources[1])' are both given", hint: "keep one of the two"))
        }
        let keyring = section.value(RPMSettings.keyring)
        let verify = section.value(RPMSettings.verify)
        if keyring.isEmpty, !verify.isOff {
            problems.append(
                SettingProblem(
                    "there is no 'keyring' to verify upstream's signatures with",
                    hint: "name the file with upstream's public keys, or say 'verify: false'"))
        }
        if verify.isOff, !section.value(RPMSettings.fingerprints).isEmpty {
            problems.append(
                SettingProblem(
                    key: RPMSettings.fingerprints.name, "'fingerprints' pins keys, but signatures are not verified"))
        }
        let variables = section.value(RPMSettings.variables)
        for url in section.upstream
            + [RPMSettings.mirrorlist, RPMSettings.metalink].compactMap({ section.value($0)?.text })
        {
            do { _ = try URLVariables.replace(in: url, variables) } catch {
                let error = ChantalError.wrap(error)
                problems.append(SettingProblem(key: sources.first, error.message, hint: error.hint))
            }
        }
        return problems + filterProblems(section)
    }

    private static func hostedProblems(_ section: RepositorySection) -> [SettingProblem] {
        let mirrored: [any DeclaredSetting] = [
            RPMSettings.keyring, RPMSettings.fingerprints, RPMSettings.verify, RPMSettings.variables,
        ]
        return mirrored.filter { section.isGiven($0) }.map {
            SettingProblem(key: $0.name, "'\($0.name)' is about an upstream, and this repository has none")
        }
    }

    private static func filterProblems(_ section: RepositorySection) -> [SettingProblem] {
        guard section.filter != nil else { return [] }
        var problems: [SettingProblem] = []
        if section.isGiven(RPMSettings.treeinfo), section.value(RPMSettings.treeinfo) {
            problems.append(
                SettingProblem(
                    key: RPMSettings.treeinfo.name, "a filtered repository has no installation tree",
                    hint: "mirror it with a repository of its own, without a filter"))
        }
        return problems
    }

    public static func compareVersions(_ a: String, _ b: String) -> Int {
        var (a, b) = (a, b)
        return a.withUTF8 { x in
            b.withUTF8 { y in EVR.order(UnsafeRawBufferPointer(x), UnsafeRawBufferPointer(y)) }
        }
    }
}

extension RPMEcosystem {
    public func plan(_ session: SyncSession) throws -> PlanOutcome {
        if section.isHosted { return session.mayBeUnchanged ? .unchanged : try revise(session, .none) }
        let verifier = MetadataVerifier(session: session, section: section)
        let isRegenerated = section.isRegenerated
        let reader = MirrorReader(
            session: session, section: section, verifier: verifier, mayLieElsewhere: isRegenerated,
            wants: isRegenerated ? { RegeneratedPlan.wants($0) } : { _ in true })
        guard let mirror = try reader.read() else { return .unchanged }
        var plan: SyncPlan
        if isRegenerated {
            plan = try RegeneratedPlan(session: session, section: section, mirror: mirror).plan()
        } else {
            let tree = section.value(RPMSettings.treeinfo) ? try reader.readTree() : nil
            plan = try VerbatimPlan(session: session, mirror: mirror, tree: tree).plan()
        }
        plan.notes[MetadataVerifier.note] = mirror.verdict.signatures == nil ? "no" : "yes"
        if mirror.verdict.verifiesPackages { plan.inspection = try verifier.inspection() }
        return .changed(plan)
    }

    public func revise(_ session: SyncSession, _ revision: Revision) throws -> PlanOutcome {
        .changed(try HostedPlan(session: session, section: section).plan(revision))
    }
}
