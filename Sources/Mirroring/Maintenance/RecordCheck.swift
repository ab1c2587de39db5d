import Basics
import Store

/// Reads the records that a verification looks at.
extension Verification {
    mutating func readRecords(_ references: [StateReference]) throws {
        if !references.isEmpty {
            isPartial = true
            for reference in references {
                do {
                    let state = try engine.resolve(reference)
                    generations[state.repository, default: []].append(state.record)
                } catch let error as ChantalError where error.code == .store {
                    addRecord("the state '\(reference)'", reference.repository, error)
                }
            }
            return
        }
        for repository in try records.repositories() {
            generations[repository] = []
            for number in try records.generations(of: repository) {
                do {
                    generations[repository, default: []].append(try records.generation(number, of: repository))
                } catch {
                    addRecord("generation \(number)", repository, error)
                }
            }
            do { try readSnapshots(of: repository) } catch { addRecord("a snapshot", repository, error) }
        }
        let published = try records.readablePublications()
        publications = published.records
        for publication in publications {
            guard let known = generations[publication.source.repository],
                try known.count == records.generations(of: publication.source.repository).count,
                !known.contains(where: { $0.manifest == publication.manifest })
            else { continue }
            add(
                Defect(
                    .recordDamaged,
                    "the publication '\(publication.name)' serves a state of '\(publication.source.repository)' whose generation is not there any more",
                    digest: publication.manifest, path: "publications/\(publication.name)",
                    repository: publication.source.repository))
        }
        for damaged in published.damaged { addRecord("the publication '\(damaged.name)'", nil, damaged.error) }
    }

    private mutating func readSnapshots(of repository: String) throws {
        for snapshot in try records.snapshots(of: repository) {
            snapshots.append((repository, snapshot))
            let known = generations[repository]?.first { $0.number == snapshot.generation }
            if known?.manifest == snapshot.manifest { continue }
            // One that cannot be read is a defect of its own.
            if known == nil, try records.generations(of: repository).contains(snapshot.generation) { continue }
            add(
                Defect(
                    .recordDamaged, snapshot.lostGeneration(of: repository), digest: snapshot.manifest,
                    path: "repositories/\(repository)/snapshots/\(snapshot.name)", repository: repository))
        }
    }

    private mutating func addRecord(_ what: String, _ repository: String?, _ error: any Error) {
        let known = ChantalError.wrap(error)
        add(Defect(.recordDamaged, "\(what): \(known)", path: known.path, repository: repository))
    }
}
