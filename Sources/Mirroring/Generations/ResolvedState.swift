import Basics
import Store

/// A state that exists: a reference with the generation that it means.
public struct ResolvedState: Sendable {
    public let repository: String
    public let record: GenerationRecord
    /// The snapshot's name, if the reference named one.
    public let snapshot: String?

    /// `debian@12`, or `debian@2026-11` where a snapshot was named.
    public var name: String { "\(repository)@\(snapshot ?? String(record.number))" }
}

extension Engine {
    /// Finds the state that a reference means.
    /// - Throws: `not_found`, saying what there is instead.
    public func resolve(_ reference: StateReference) throws -> ResolvedState {
        let repository = reference.repository
        guard let latest = try records.latestGeneration(of: repository) else {
            let known = try records.repositories()
            throw ChantalError(
                .notFound, "there is no state of a repository '\(repository)'",
                hint: NearName.of(repository, among: known).map { "did you mean '\($0)'?" }
                    ?? (configuration[repository] != nil
                        ? "it was never synced: chantal sync \(repository)"
                        : "chantal repository list shows what there is"))
        }
        switch reference.selector {
        case .latest: return ResolvedState(repository: repository, record: latest, snapshot: nil)
        case .generation(let number):
            guard try records.generations(of: repository).contains(number) else {
                let there = try records.generations(of: repository).map(String.init).joined(separator: ", ")
                throw ChantalError(
                    .notFound, "'\(repository)' has no generation \(number)", hint: "it has \(there)")
            }
            return ResolvedState(
                repository: repository, record: try records.generation(number, of: repository), snapshot: nil)
        case .snapshot(let name):
            let snapshots = try records.snapshots(of: repository)
            guard let snapshot = snapshots.first(where: { $0.name == name }) else {
                let names = snapshots.map(\.name)
                throw ChantalError(
                    .notFound, "'\(repository)' has no snapshot '\(name)'",
                    hint: NearName.of(name, among: names).map { "did you mean '\(repository)@\($0)'?" }
                        ?? "chantal snapshot list \(repository) shows what there is")
            }
            guard let record = try records.generation(of: snapshot, in: repository) else {
                throw ChantalError(
                    .store, snapshot.lostGeneration(of: repository),
                    hint: "chantal snapshot delete \(repository)@\(name), or put the record back from a backup")
            }
            return ResolvedState(repository: repository, record: record, snapshot: name)
        }
    }

    /// Reads a state's manifest and blobs.
    public func reader(of state: ResolvedState) throws -> StateReader {
        let blobs = store.blobs
        return StateReader(
            repository: state.repository, manifest: try records.manifest(state.record.manifest),
            notes: state.record.notes
        ) { try blobs.open($0) }
    }
}

extension RecordStore {
    /// The generation that a snapshot is a name of; nil if its record is gone, or is of another content by now.
    public func generation(of snapshot: SnapshotRecord, in repository: String) throws -> GenerationRecord? {
        guard try generations(of: repository).contains(snapshot.generation) else { return nil }
        let record = try generation(snapshot.generation, of: repository)
        return record.manifest == snapshot.manifest ? record : nil
    }
}

extension SnapshotRecord {
    /// What is wrong where ``RecordStore/generation(of:in:)`` gives nil, in words.
    func lostGeneration(of repository: String) -> String {
        "the snapshot '\(repository)@\(name)' names generation \(generation), which is not there any more"
    }
}
