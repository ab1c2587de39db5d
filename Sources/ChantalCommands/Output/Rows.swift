import Basics
import Catalog
import Mirroring
import Store

extension SnapshotRow {
    /// A snapshot with the counts of its generation; none if that one's record is gone.
    init(_ snapshot: SnapshotRecord, of repository: String, _ records: any RecordStore) throws {
        let generation = try records.generation(of: snapshot, in: repository)
        self.init(
            repository: repository, name: snapshot.name, generation: snapshot.generation, manifest: snapshot.manifest,
            createdAt: snapshot.createdAt, packages: generation?.packages, files: generation?.files,
            bytes: generation?.bytes)
    }
}

extension PublicationRow {
    init(_ publication: PublicationRecord, _ engine: Engine) throws {
        let records = engine.store.records
        let repository = publication.source.repository
        let state: String?
        var follows: String?
        switch publication.source {
        case .pinned(_, let generation, let snapshot): state = "\(repository)@\(snapshot ?? String(generation))"
        case .follows:
            follows = repository
            var found: String?
            for number in try records.generations(of: repository).reversed() {
                do {
                    guard try records.generation(number, of: repository).manifest == publication.manifest else {
                        continue
                    }
                    found = "\(repository)@\(number)"
                    break
                } catch let error as ChantalError where error.code == .store {
                    continue  // a damaged record is told of where its repository is
                }
            }
            state = found
        }
        self.init(
            name: publication.name, follows: follows, state: state, manifest: publication.manifest,
            isServed: try engine.publisher.isServed(publication))
    }
}

extension RepositoryRow {
    init(_ name: String, _ engine: Engine) throws {
        let records = engine.store.records
        let section = engine.configuration[name]
        let record = try records.latestGeneration(of: name)
        self.init(
            repository: name, type: section?.type ?? record?.type,
            memberNames: section?.members ?? record?.memberNames ?? [],
            isConfigured: section != nil, generations: try records.generations(of: name),
            snapshots: try records.snapshots(of: name).map(\.name),
            publications: try records.readablePublications().records.filter { $0.source.repository == name }.map(\.name)
        )
    }
}

extension GenerationRecord {
    /// Of a view the names of the repositories that it was made of.
    var memberNames: [String] { members.map { String($0.prefix { $0 != "@" }) } }
}

extension PackageRow {
    /// The members of a package in a list.
    var listed: JSONValue {
        [
            "name": .string(name), "version": .string(version), "architecture": .string(architecture),
            "group": .string(group), "summary": .string(summary), "path": .string(path), "size": .integer(size),
            "digest": digest.json,
        ]
    }

    /// The members of a package in a difference.
    var compared: JSONValue {
        [
            "name": .string(name), "version": .string(version), "architecture": .string(architecture),
            "group": .string(group), "digest": digest.json,
        ]
    }
}

extension Advisory {
    /// The members of an advisory in a difference.
    var compared: JSONValue {
        [
            "id": .string(id), "kind": .string(kind), "severity": .string(severity), "title": .string(title),
            "issued_at": issuedAt.json, "packages": packages.json,
        ]
    }
}

extension ManifestEntry {
    var compared: JSONValue {
        ["path": .string(path.description), "size": .integer(size), "digest": .string(digest.hex)]
    }
}
