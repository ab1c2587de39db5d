import Basics
import Mirroring

/// Debian-style repositories: mirrored byte for byte, or filtered and written anew.
public struct APTEcosystem: Ecosystem {
    let section: RepositorySection
    let suites: [Suite]

    public init(_ section: RepositorySection) throws {
        self.section = section
        suites = section.value(ArchiveSettings.suites)
    }

    public static let declaration = EcosystemDeclaration(
        type: "apt",
        summary: "A Debian-style repository: `dists/` and `pool/`, or a flat one.",
        settings: ArchiveSettings.all, filterSettings: ArchiveSettings.filter, signsMetadata: true, canBeHosted: true,
        exampleName: "debian",
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
        let suites = section.value(ArchiveSettings.suites)
        if suites.isEmpty {
            problems.append(
                SettingProblem("there are no 'suites'", hint: "suites: [bookworm], or ['./'] for a flat repository"))
        }
        problems += repeated(suites)
        let keyring = section.value(ArchiveSettings.keyring)
        let verifies = section.value(CommonSettings.verify)
        if verifies, keyring.isEmpty {
            problems.append(
                SettingProblem(
                    "there is no 'keyring' to verify upstream's signatures with",
                    hint: "name the file with upstream's public keys, or say 'verify: false'"))
        }
        if !section.value(ArchiveSettings.fingerprints).isEmpty, keyring.isEmpty || !verifies {
            problems.append(
                SettingProblem(
                    key: ArchiveSettings.fingerprints.name, "'fingerprints' pins keys, but signatures are not verified")
            )
        }
        return problems + filterProblems(section)
    }

    private static func repeated(_ suites: [Suite]) -> [SettingProblem] {
        suites.enumerated().filter { suites[..<$0.offset].contains($0.element) }.map {
            SettingProblem(key: ArchiveSettings.suites.name, "'\($0.element)' stands twice in 'suites'")
        }
    }

    private static func hostedProblems(_ section: RepositorySection) -> [SettingProblem] {
        let mirrored: [any DeclaredSetting] = [
            ArchiveSettings.keyring, ArchiveSettings.fingerprints, ArchiveSettings.checkValidUntil,
            ArchiveSettings.allowWeakHashes,
        ]
        var problems = mirrored.filter { section.isGiven($0) }.map {
            SettingProblem(key: $0.name, "'\($0.name)' is about an upstream, and this repository has none")
        }
        let suites = section.value(ArchiveSettings.suites)
        problems += repeated(suites)
        for suite in suites where suite.isFlat || !ArchiveToken.isComponent(suite.name) {
            problems.append(
                SettingProblem(
                    key: ArchiveSettings.suites.name, "'\(suite)' is no suite that a hosted repository can have",
                    hint: "words of letters, digits and .+-_~, joined by '/'"))
        }
        return problems
    }

    private static func filterProblems(_ section: RepositorySection) -> [SettingProblem] {
        guard section.filter != nil else { return [] }
        var problems: [SettingProblem] = []
        for setting in [ArchiveSettings.installer, ArchiveSettings.pdiffs] where section.value(setting) {
            problems.append(
                SettingProblem(
                    key: setting.name, "a filtered repository has no '\(setting.name)'",
                    hint: "mirror them with a repository of their own, without a filter"))
        }
        return problems
    }

    public static func compareVersions(_ a: String, _ b: String) -> Int {
        var (a, b) = (a, b)
        return a.withUTF8 { x in
            b.withUTF8 { y in DebianVersion.order(UnsafeRawBufferPointer(x), UnsafeRawBufferPointer(y)) }
        }
    }
}

extension IndexChoices {
    init(_ section: RepositorySection) {
        self.init()
        if case .only(let list) = section.value(ArchiveSettings.components) { components = list }
        if case .only(let list) = section.value(ArchiveSettings.architectures) { architectures = list }
        if case .only(let list) = section.value(ArchiveSettings.translations) { translations = list }
        sources = section.value(ArchiveSettings.sources)
        udebs = section.value(ArchiveSettings.udebs)
        installer = section.value(ArchiveSettings.installer)
        contents = section.value(ArchiveSettings.contents)
        pdiffs = section.value(ArchiveSettings.pdiffs)
        allowsWeakHashes = section.value(ArchiveSettings.allowWeakHashes)
        guard let wanted = section.filterRules.architectures else { return }
        architectures = architectures?.filter { wanted.contains($0) || $0 == "all" } ?? wanted
    }
}

extension APTEcosystem {
    public func plan(_ session: SyncSession) throws -> PlanOutcome {
        if section.isHosted {
            // Nothing but time and the configuration changes it.
            return session.mayBeUnchanged ? .unchanged : try revise(session, .none)
        }
        let verifier =
            section.value(CommonSettings.verify)
            ? SignatureVerifier(
                session: session, files: section.value(ArchiveSettings.keyring),
                pinned: section.value(ArchiveSettings.fingerprints)) : nil
        let checksValidUntil = section.value(ArchiveSettings.checkValidUntil)
        let roots = SuiteRootReader(session: session, verifier: verifier, checksValidUntil: checksValidUntil)
        let answers = try suites.map { try roots.ask($0) }
        let lacksIndices = session.previous?.notes.keys.contains { $0.hasPrefix(SyncPlan.absent) } ?? false
        if session.mayBeUnchanged, !lacksIndices, answers.allSatisfy(\.isUnchanged) { return .unchanged }
        let choices = IndexChoices(section)
        let allowed = section.value(CommonSettings.allowMissing)
        let reader = SuiteReader(
            session: session, roots: roots, choices: choices, wantsEveryForm: !section.isRegenerated,
            wants: section.isRegenerated ? { RegeneratedPlan.wants($0) } : { _ in true },
            mayBeAbsent: { paths in allowed.contains { name in paths.contains { name.matches(name: $0.bytes) } } })
        let read = try answers.map { try reader.read($0) }
        try SuiteReader.checkChoices(read, repository: session.repository)
        var plan: SyncPlan
        if section.isRegenerated {
            plan = try RegeneratedPlan(session: session, section: section, suites: read).plan()
        } else {
            var verbatim = VerbatimPlan(session: session, verifier: verifier, suites: read, choices: choices)
            plan = try verbatim.plan()
        }
        var ends = read.compactMap(\.roots.signatureExpiresAt)
        if checksValidUntil { ends += read.compactMap(\.release.validUntil) }
        if section.isRegenerated, let validFor = section.value(ArchiveSettings.validFor) {
            ends.append(session.now + validFor)
        }
        plan.expiresAt = ends.min()
        plan.warnings += read.flatMap { warnings($0, session) }
        return .changed(plan)
    }

    public func revise(_ session: SyncSession, _ revision: Revision) throws -> PlanOutcome {
        .changed(try HostedPlan(session: session, section: section).plan(revision))
    }

    private func warnings(_ suite: MirroredSuite, _ session: SyncSession) -> [String] {
        var warnings: [String] = []
        let file = suite.roots.files[0].path
        let release = suite.release
        if let end = release.validUntil, end < session.now {
            warnings.append("'\(file)' is out of date since \(end) (Valid-Until), and 'check_valid_until' is off")
        }
        if let before = session.previous?.notes["date \(suite.suite)"].flatMap(Timestamp.init(rfc3339:)),
            let date = release.date, date < before
        {
            warnings.append(
                "'\(file)' is of \(date), older than the one mirrored before (\(before)): upstream went back, or is stale; clients keep what they have"
            )
        }
        return warnings
    }
}
