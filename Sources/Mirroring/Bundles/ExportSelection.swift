import Basics
import Store

/// Which generations go into a bundle, and which names go along.
struct ExportSelection {
    struct State {
        let repository: String
        let record: GenerationRecord
    }

    /// Sorted by repository and number.
    private(set) var states: [State] = []
    private(set) var snapshots: [BundleDescription.Snapshot] = []
    private(set) var publications: [BundleDescription.Publication] = []

    /// - Parameter session: protects the manifests from now on.
    init(_ engine: Engine, _ references: [StateReference], _ session: any StagingSession) throws {
        let records = engine.records
        // Nothing gives names or generations up meanwhile.
        let lock = try engine.store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        var chosen: [String: Set<Int>] = [:]
        for reference in references {
            let state = try engine.resolve(reference)
            chosen[state.repository, default: []].insert(state.record.number)
        }
        let published = try records.publications()
        if references.isEmpty {
            for repository in try records.repositories() {
                guard let latest = try records.generations(of: repository).last else { continue }
                chosen[repository, default: []].insert(latest)
                for snapshot in try records.snapshots(of: repository)
                where try records.generation(of: snapshot, in: repository) != nil {
                    chosen[repository]?.insert(snapshot.generation)
                }
            }
            for publication in published {
                guard case .pinned(let repository, let generation, _) = publication.source else { continue }
                chosen[repository, default: []].insert(generation)
            }
        }
        if chosen.isEmpty {
            throw ChantalError(
                .notFound, "there is nothing to export: the store has no state", hint: "chantal sync makes one")
        }
        for (repository, numbers) in chosen.sorted(by: { $0.key < $1.key }) {
            for number in numbers.sorted() {
                states.append(State(repository: repository, record: try records.generation(number, of: repository)))
            }
            for snapshot in try records.snapshots(of: repository) where numbers.contains(snapshot.generation) {
                guard try records.generation(of: snapshot, in: repository) != nil else { continue }
                snapshots.append(
                    .init(
                        repository: repository, generation: snapshot.generation, createdAt: snapshot.createdAt,
                        name: snapshot.name))
            }
        }
        for publication in published {
            let numbers = chosen[publication.source.repository] ?? []
            let goesAlong =
                switch publication.source {
                case .follows(let repository):
                    try records.generations(of: repository).last.map(numbers.contains) ?? false
                case .pinned(_, let generation, _): numbers.contains(generation)
                }
            if goesAlong { publications.append(.init(name: publication.name, source: publication.source)) }
        }
        try session.protect(states.map(\.record.manifest))
    }

    var report: [ExportReport.State] {
        states.map { state in
            ExportReport.State(
                repository: state.repository, generation: state.record.number,
                snapshots: snapshots.filter {
                    $0.repository == state.repository && $0.generation == state.record.number
                }.map(\.name), manifest: state.record.manifest)
        }
    }
}
