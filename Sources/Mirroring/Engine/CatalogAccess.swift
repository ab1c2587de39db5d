import Basics
import Catalog
import FileSystem
import Store

/// Opens the catalog and brings it in step with the files, which are the truth.
struct CatalogAccess {
    let store: StoreDirectory
    let ecosystems: EcosystemRegistry
    /// Hears of each generation that cannot be indexed; the others are.
    var missing: (CatalogGap) -> Void = { _ in }

    /// For a command that writes. A damaged catalog, or one of another version, is made anew.
    func open() throws -> any PackageCatalog {
        do {
            return try SQLiteCatalog(path: store.catalogPath)
        } catch let error as ChantalError where error.code == .needsRebuild {
            return try rebuild()
        }
    }

    /// For a command that only reads, perhaps as another user: opened as it is if it cannot be written.
    func openForReading() throws -> any PackageCatalog {
        guard try store.isWritable() else { return try SQLiteCatalog(readingFrom: store.catalogPath) }
        let catalog = try open()
        try follow(catalog)
        return catalog
    }

    /// Deletes the catalog and makes it again from manifests and blobs; failed attempts and validators are lost.
    func rebuild() throws -> any PackageCatalog {
        try SQLiteCatalog.erase(at: store.catalogPath)
        let catalog = try SQLiteCatalog(path: store.catalogPath)
        try follow(catalog)
        return catalog
    }

    /// Indexes the generations that the catalog lacks and forgets those that are gone. Costs a look at a directory a repository
    /// where there is nothing to do. A repository that a sync is working on is left to it; so is a generation that cannot be read,
    /// which is tried again the next time.
    func follow(_ catalog: any PackageCatalog) throws {
        let repositories = try store.records.repositories()
        for repository in repositories {
            let numbers = try store.records.generations(of: repository)
            let indexed = try catalog.indexedGenerations(of: repository)
            if Set(indexed.keys) == Set(numbers) { continue }
            let lock: FileLock
            do {
                lock = try store.locks.sync(repository)
            } catch let error as ChantalError where error.code == .locked {
                continue
            }
            defer { withExtendedLifetime(lock) {} }
            try follow(catalog, repository)
        }
        for (name, _) in try catalog.repositories() where !repositories.contains(name) {
            try catalog.removeRepository(name)
        }
    }

    private func follow(_ catalog: any PackageCatalog, _ repository: String) throws {
        let records = store.records
        let indexed = try catalog.indexedGenerations(of: repository)
        let numbers = try records.generations(of: repository)
        for number in indexed.keys where !numbers.contains(number) {
            try catalog.removeGeneration(number, of: repository)
        }
        for number in numbers {
            do {
                let record = try records.generation(number, of: repository)
                if indexed[number] == record.manifest { continue }
                try index(record, repository: repository, manifest: nil, into: catalog)
            } catch let error as ChantalError where CatalogGap.isDamage(error) {
                missing(CatalogGap(repository: repository, generation: number, error: error))
            }
        }
    }

    /// Indexes one generation; the caller holds the repository's sync lock.
    /// - Parameter draft: its rows, if they were gathered before: then no metadata is read.
    func index(
        _ record: GenerationRecord, repository: String, manifest: Manifest?, draft: (any GenerationDraft)? = nil,
        into catalog: any PackageCatalog
    ) throws {
        let ecosystem = try ecosystems.type(record.type)
        let indexer = try catalog.beginGeneration(
            repository: repository, type: record.type, number: record.number, manifest: record.manifest)
        if let draft, try indexer.add(draft) {
            _ = try indexer.finish()
            return
        }
        let manifest = try manifest ?? store.records.manifest(record.manifest)
        try ecosystem.packages(
            in: reader(manifest, of: repository),
            since: { try previousState(indexer, of: repository, type: record.type, catalog) }, into: indexer)
        _ = try indexer.finish()
    }

    /// The state whose rows the indexer compares with; nil if that is not the one the records have under its number.
    private func previousState(
        _ indexer: any GenerationIndexer, of repository: String, type: String, _ catalog: any PackageCatalog
    ) throws -> StateReader? {
        guard let number = indexer.previous, try store.records.generations(of: repository).contains(number) else {
            return nil
        }
        let record = try store.records.generation(number, of: repository)
        guard record.type == type, try catalog.indexedGenerations(of: repository)[number] == record.manifest else {
            return nil
        }
        return reader(try store.records.manifest(record.manifest), of: repository)
    }

    private func reader(_ manifest: Manifest, of repository: String) -> StateReader {
        let blobs = store.blobs
        return StateReader(repository: repository, manifest: manifest) { try blobs.open($0) }
    }
}

extension Engine {
    /// Indexes a generation unless the catalog has it.
    func index(
        _ record: GenerationRecord, repository: String, manifest: Manifest? = nil, draft: (any GenerationDraft)? = nil,
        into catalog: any PackageCatalog
    ) throws {
        guard try catalog.indexedGenerations(of: repository)[record.number] != record.manifest else { return }
        try CatalogAccess(store: store, ecosystems: ecosystems)
            .index(record, repository: repository, manifest: manifest, draft: draft, into: catalog)
    }

    /// A connection to the catalog of its own; one that is damaged or of another version is made anew from the files first.
    public func openCatalog() throws -> any PackageCatalog { try catalogAccess(nil).open() }

    /// A connection to the catalog for looking things up, in step with the files if this user may write it.
    /// - Parameter missing: hears of each generation that cannot be indexed; without it the observer is warned.
    public func openCatalogForReading(missing: ((CatalogGap) -> Void)? = nil) throws -> any PackageCatalog {
        try catalogAccess(missing).openForReading()
    }

    /// Makes the catalog anew from the files.
    /// - Parameter missing: as for ``openCatalogForReading(missing:)``.
    public func rebuildCatalog(missing: ((CatalogGap) -> Void)? = nil) throws -> any PackageCatalog {
        try catalogAccess(missing).rebuild()
    }

    private func catalogAccess(_ missing: ((CatalogGap) -> Void)?) -> CatalogAccess {
        CatalogAccess(store: store, ecosystems: ecosystems) { gap in
            guard let missing else {
                return self.observer.warn("\(gap.message); \(CatalogGap.hint)", repository: gap.repository)
            }
            missing(gap)
        }
    }
}
