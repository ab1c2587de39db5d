import Basics
import Store

/// Says what the next generation of a view holds: what its members hold now.
struct ViewPlanner {
    let engine: Engine
    /// Of the view.
    let section: RepositorySection
    let options: SyncOptions
    let session: SyncSession

    private var records: LocalRecordStore { engine.store.records }

    /// How often a member is looked at again that has moved on meanwhile.
    private static let attempts = 5

    /// - Throws: `not_found` if a member has no state yet.
    func plan() throws -> PlanOutcome {
        try session.checkCancellation()
        if options.dryRun,
            let missing = try section.members.first(where: { try records.latestGeneration(of: $0) == nil })
        {
            session.warn("'\(missing)' has no state yet, so what the view will hold cannot be told")
            return .changed(
                SyncPlan(roots: [], files: [], packages: 0, verified: false, isRegenerated: true) { _ in Composition([])
                })
        }
        let latest = try section.members.map { try latestGeneration(of: $0) }
        if try isUnchanged(latest) { return .unchanged }
        let members = try section.members.map { try member($0) }
        var plan = try engine.ecosystems.type(section.type).init(section).unite(members, session)
        plan.roots = try members.map { SyncPlan.Root(path: try RepositoryPath($0.name), digest: $0.record.manifest) }
        plan.verified = members.allSatisfy(\.record.verified)
        plan.expiresAt = members.compactMap(\.record.expiresAt).min()
        plan.isRegenerated = true
        plan.notes[GenerationNote.members] = members.map { "\($0.name)@\($0.record.number)" }.joined(separator: " ")
        plan.incomplete = members.flatMap { member in member.record.incomplete.map { "\(member.name): \($0)" } }
        return .changed(plan)
    }

    /// Whether the generation in force was made of these states under this configuration. That a member's upstream has expired is no
    /// reason to make the view again.
    private func isUnchanged(_ latest: [GenerationRecord]) throws -> Bool {
        guard !options.full, !session.isDamaged, let previous = session.previous else { return false }
        for (member, record) in zip(section.members, latest) {
            guard SyncSession.rootDigest(of: try RepositoryPath(member), in: previous) == record.manifest else {
                return false
            }
        }
        if session.mayBeUnchanged { return true }
        return try previous.isWhole && previous.configDigest == section.digest()
            && (previous.nextChangeAt.map { session.now < $0 } ?? true)
    }

    private func latestGeneration(of member: String) throws -> GenerationRecord {
        guard let record = try records.latestGeneration(of: member) else {
            throw ChantalError(
                .notFound, "the view '\(section.name)' needs '\(member)', which has no state yet",
                hint: "chantal sync \(member)")
        }
        guard record.type == section.type else {
            throw ChantalError(
                .config,
                "the view '\(section.name)' is of type \(section.type), and '\(member)@\(record.number)' is of type \(record.type)",
                hint: "chantal repository delete \(member), or give one of the two another name")
        }
        return record
    }

    /// A member's state in force. A sync may go on meanwhile and give that state up; gc then leaves it to this session.
    private func member(_ name: String) throws -> ViewMember {
        for _ in 1...ViewPlanner.attempts {
            let record = try latestGeneration(of: name)
            try session.staging.protect([record.manifest])
            guard try records.generations(of: name).contains(record.number) else { continue }
            let manifest = try records.manifest(record.manifest)
            var wanted = Set(manifest.entries.map(\.digest))
            let digests = Array(wanted)
            for (digest, isThere) in zip(digests, try session.holds(digests)) where isThere { wanted.remove(digest) }
            if wanted.isEmpty {
                let staging = session.staging
                return ViewMember(
                    name: name, record: record,
                    state: StateReader(repository: name, manifest: manifest) { try staging.open($0) })
            }
            guard try records.generations(of: name).contains(record.number) else { continue }
            let lost = manifest.entries.first { wanted.contains($0.digest) }
            throw ChantalError(
                .store,
                "the store lacks \(wanted.count) files of '\(name)@\(record.number)', '\(lost?.path.description ?? "")' first",
                hint: "chantal verify --repair fetches them again", path: lost?.path.description)
        }
        throw ChantalError(.locked, "'\(name)' changes faster than the view '\(section.name)' can be made of it")
    }
}
