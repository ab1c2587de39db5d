import Basics
import Catalog
import Store

/// Makes an import visible: records, names, trees, links, and at last the catalog. Done again after a crash, it ends what was begun.
struct ImportCommit {
    let engine: Engine
    let description: BundleDescription
    let attachments: BundleAttachments
    let plan: ImportPlan
    /// Protects what is not named by a record yet.
    let session: any StagingSession
    private var records: any RecordStore { engine.records }
    private var publisher: Publisher { engine.publisher }

    func run(_ report: inout ImportReport) throws {
        let catalog = try engine.openCatalog()
        for repository in plan.repositories {
            try commit(repository)
            try nameSnapshots(repository)
        }
        for repository in plan.repositories { try publish(repository) }
        for repository in plan.repositories {
            try follow(repository, catalog)
            try describe(repository, &report)
        }
    }

    /// The youngest first: from the first record on the repository is at its new state.
    private func commit(_ repository: ImportPlan.Repository) throws {
        if let theirs = attachments.firstSeen[repository.name] {
            var mine = try records.firstSeen(of: repository.name) ?? FirstSeen()
            if mine.merge(theirs) { try records.putFirstSeen(mine, of: repository.name) }
        }
        for record in repository.new.reversed() {
            try records.commit(
                try published(record, repository, isLatest: record.number == repository.new.last?.number),
                to: repository.name)
        }
    }

    /// The record with the tree that it is to be published with here: what lies beside the manifest tells of the place it is served from.
    private func published(
        _ record: GenerationRecord, _ repository: ImportPlan.Repository, isLatest: Bool
    ) throws -> GenerationRecord {
        var record = record
        let section = engine.configuration[repository.name]
        let files = try section.map { try engine.treeFiles(of: $0, generation: record.number) } ?? []
        record.notes[GenerationNote.treeFiles] = files.digest?.hex
        record.tree = record.manifest.hex
        if files.isEmpty, !isLatest { return record }
        let manifest = try records.manifest(record.manifest)
        let extras = try session.put(files, beside: manifest)
        try session.promote()
        record.tree = try publisher.ownText(
            for: manifest, id: record.manifest, extras: extras, repository: repository.name
        ) { try session.protect([$0]) }.id.hex
        return record
    }

    private func nameSnapshots(_ repository: ImportPlan.Repository) throws {
        let lock = try engine.store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        let there = try records.snapshots(of: repository.name)
        for snapshot in description.snapshots where snapshot.repository == repository.name {
            guard let number = repository.numbers[snapshot.generation] else { continue }
            let manifest = try records.generation(number, of: repository.name).manifest
            if let known = there.first(where: { $0.name == snapshot.name }) {
                if known.manifest == manifest { continue }
                guard plan.replaced.contains("\(repository.name)@\(snapshot.name)") else {
                    throw ChantalError(
                        .exists, "a snapshot '\(repository.name)@\(snapshot.name)' was made meanwhile",
                        hint: "import again")
                }
                try unname(known, of: repository.name)
            }
            try records.createSnapshot(
                SnapshotRecord(
                    name: snapshot.name, generation: number, manifest: manifest, createdAt: snapshot.createdAt),
                of: repository.name)
        }
    }

    /// Deletes a snapshot that another is to replace; names that were pinned to it stay at what they serve.
    private func unname(_ snapshot: SnapshotRecord, of repository: String) throws {
        for publication in try records.publications() {
            guard case .pinned(repository, let generation, snapshot.name) = publication.source else { continue }
            var nameless = publication
            nameless.source = .pinned(repository: repository, generation: generation, snapshot: nil)
            try records.putPublication(nameless)
        }
        try publisher.removeLink("\(repository)@\(snapshot.name)")
        try records.deleteSnapshot(snapshot.name, of: repository)
    }

    /// Lets the bundle's publications serve what they served where it comes from, and those that follow the repository follow.
    private func publish(_ repository: ImportPlan.Repository) throws {
        guard let latest = try records.latestGeneration(of: repository.name) else { return }
        do {
            let lock = try engine.store.locks.publish()
            defer { withExtendedLifetime(lock) {} }
            for publication in description.publications where publication.source.repository == repository.name {
                guard let (source, record) = try state(of: publication, repository, latest) else { continue }
                try publisher.serve(
                    record, records.manifest(record.manifest), repository: repository.name, as: publication.name,
                    source: source)
            }
            for number in Set(repository.numbers.values).sorted() {
                let record = try records.generation(number, of: repository.name)
                try publisher.ensureGenerationLink(
                    record, repository: repository.name, manifest: records.manifest(record.manifest))
            }
            for snapshot in description.snapshots where snapshot.repository == repository.name {
                guard let number = repository.numbers[snapshot.generation] else { continue }
                try publisher.ensureSnapshotLink(
                    snapshot.name, records.generation(number, of: repository.name), repository: repository.name)
            }
        }
        try publisher.publishIfNeeded(latest, repository: repository.name)
    }

    private func state(
        of publication: BundleDescription.Publication, _ repository: ImportPlan.Repository, _ latest: GenerationRecord
    ) throws -> (PublicationRecord.Source, GenerationRecord)? {
        switch publication.source {
        case .follows: return (publication.source, latest)
        case .pinned(_, let generation, let snapshot):
            guard let number = repository.numbers[generation] else { return nil }
            return (
                .pinned(repository: repository.name, generation: number, snapshot: snapshot),
                try records.generation(number, of: repository.name)
            )
        }
    }

    private func follow(_ repository: ImportPlan.Repository, _ catalog: any PackageCatalog) throws {
        for number in try records.generations(of: repository.name) {
            try engine.index(
                records.generation(number, of: repository.name), repository: repository.name, into: catalog)
        }
        let section = engine.configuration[repository.name]
        let retention = section?.retention ?? engine.configuration.retention
        try engine.expireGenerations(of: repository.name, keeping: retention.generations, catalog: catalog)
    }

    private func describe(_ repository: ImportPlan.Repository, _ report: inout ImportReport) throws {
        let latest = try records.latestGeneration(of: repository.name)
        if repository.isOlder {
            report.warnings.append(
                "the bundle's states of '\(repository.name)' are older than what is in force here, which stays so")
        }
        report.repositories.append(
            .init(
                repository: repository.name, isChanged: !repository.new.isEmpty, generation: latest?.number,
                manifest: latest?.manifest,
                snapshots: description.snapshots.filter { $0.repository == repository.name }.map(\.name),
                states: repository.new.count - (repository.isOlder ? 1 : 0)))
    }
}
