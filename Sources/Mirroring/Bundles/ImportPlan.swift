import Basics
import Store

/// What a bundle's states and names become in this store.
struct ImportPlan {
    struct Repository {
        var name: String
        /// The number that each generation of the bundle has here.
        var numbers: [Int: Int] = [:]
        /// Records to commit, ascending; the last is the latest afterwards.
        var new: [GenerationRecord] = []
        /// Whether states of the bundle are older than what is in force here.
        var isOlder = false
    }

    private(set) var repositories: [Repository] = []
    /// Snapshots of this store that stand for other content and are to be replaced.
    private(set) var replaced: Set<String> = []

    /// - Throws: ``ChantalError`` `refused` where names or types of this store are in the way.
    init(
        _ engine: Engine, _ description: BundleDescription, _ attachments: BundleAttachments, forces: Bool
    ) throws {
        for name in description.repositories {
            let records = zip(description.generations, attachments.generations).filter { $0.0.repository == name }
                .map(\.1)
            try ImportPlan.check(engine, name, records)
            repositories.append(try ImportPlan.number(engine, name, records))
        }
        try checkSnapshots(engine, description, attachments, forces)
        try checkPublications(engine, description, forces)
    }

    private static func check(_ engine: Engine, _ name: String, _ records: [GenerationRecord]) throws {
        let there = try engine.records.latestGeneration(of: name)?.type
        let configured = engine.configuration[name]?.type
        let types = Set(records.map(\.type))
        for type in types {
            do { _ = try engine.ecosystems.type(type) } catch {
                throw ChantalError(.refused, "the bundle holds a repository '\(name)' of an unknown type", cause: error)
            }
        }
        let known = types.union([there, configured].compactMap { $0 })
        guard known.count == 1 else {
            throw ChantalError(
                .refused, "the repository '\(name)' is of type \(known.sorted().joined(separator: " here and there "))",
                hint: "rename the repository of this store: chantal repository rename \(name) OTHER")
        }
        do { try engine.publisher.requireOwnName(of: name) } catch {
            throw ChantalError.refusal(error)
        }
    }

    /// Finds the generations that are here already, and gives the others numbers, so that the youngest stays or becomes the latest.
    private static func number(_ engine: Engine, _ name: String, _ records: [GenerationRecord]) throws -> Repository {
        var result = Repository(name: name)
        let there = try engine.records.generations(of: name).map { try engine.records.generation($0, of: name) }
        var fresh: [GenerationRecord] = []
        for record in records {
            let same = there.last { $0.manifest == record.manifest && $0.createdAt == record.createdAt }
            if let same { result.numbers[record.number] = same.number } else { fresh.append(record) }
        }
        fresh.sort { ($0.createdAt, $0.number) < ($1.createdAt, $1.number) }
        guard let youngest = fresh.last else { return result }
        var next = (there.last?.number ?? 0) + 1
        for record in fresh {
            result.numbers[record.number] = next
            var local = record
            local.number = next
            local.tree = record.manifest.hex
            result.new.append(local)
            next += 1
        }
        if let latest = there.last, youngest.createdAt < latest.createdAt {
            // What is in force stays so: the same state again, behind the older ones.
            var again = latest
            again.number = next
            result.new.append(again)
            result.isOlder = true
        }
        return result
    }

    private mutating func checkSnapshots(
        _ engine: Engine, _ description: BundleDescription, _ attachments: BundleAttachments, _ forces: Bool
    ) throws {
        let manifests = Dictionary(
            zip(description.generations, attachments.generations).map { ("\($0.repository)@\($0.number)", $1.manifest) }
        ) { first, _ in first }
        for snapshot in description.snapshots {
            let reference = "\(snapshot.repository)@\(snapshot.name)"
            guard
                let there = try engine.records.snapshots(of: snapshot.repository).first(where: {
                    $0.name == snapshot.name
                }),
                there.manifest != manifests["\(snapshot.repository)@\(snapshot.generation)"]
            else { continue }
            guard forces else {
                throw ChantalError(
                    .refused, "this store has a snapshot '\(reference)' with other content",
                    hint: "import with --force to replace it, or delete it first: chantal snapshot delete \(reference)")
            }
            replaced.insert(reference)
        }
    }

    private func checkPublications(_ engine: Engine, _ description: BundleDescription, _ forces: Bool) throws {
        for publication in description.publications {
            let repository = publication.source.repository
            do {
                try engine.checkPublicationName(
                    publication.name, for: repository, besides: description.repositories)
            } catch {
                throw ChantalError.refusal(error)
            }
            let owner = try engine.records.publication(publication.name)?.source.repository
            guard let owner, owner != repository, !forces else { continue }
            throw ChantalError(
                .refused, "'\(publication.name)' is published here already, from '\(owner)'",
                hint: "import with --force to let it serve '\(repository)', or unpublish it first")
        }
    }

    /// Says what the store would have, without changing it.
    func describe(_ report: inout ImportReport, _ engine: Engine) throws {
        for repository in repositories {
            let latest = try engine.records.latestGeneration(of: repository.name)
            report.repositories.append(
                .init(
                    repository: repository.name, isChanged: !repository.new.isEmpty, generation: latest?.number,
                    manifest: latest?.manifest, snapshots: [], states: repository.new.count))
        }
    }
}

extension ChantalError {
    /// What is in the way of a bundle, as a refusal.
    static func refusal(_ error: any Error) -> ChantalError {
        let error = ChantalError.wrap(error)
        return ChantalError(.refused, "the bundle does not fit this store", hint: error.hint, cause: error)
    }
}
