import Basics
import Catalog
import Store
import Synchronization

/// Lets an ecosystem look at packages that are in the store: each blob once for each key.
struct PackageInspection {
    let inspection: Inspection
    let session: SyncSession

    /// Verdicts that are remembered at once; what a crash loses is looked at again.
    private static let batch = 512
    private static let threads = 2

    private final class Verdicts: Sendable {
        let bad = Mutex<[Int: ChantalError]>([:])
    }

    /// Looks at those of the files that are packages.
    /// - Parameter stored: for each file of the plan where it is, nil if it could not be had.
    /// - Returns: what is wrong, by the file's index.
    /// - Throws: `interrupted`, or what the catalog says.
    func run(_ files: [PlannedFile], _ stored: [StoredFile?]) throws -> [Int: ChantalError] {
        var byBlob: [Digest: [Int]] = [:]
        for (index, file) in files.enumerated() where file.isPackage {
            if let there = stored[index] { byBlob[there.digest, default: []].append(index) }
        }
        let known = try session.catalog.verifiedSignatures(among: Array(byBlob.keys), key: inspection.key)
        let open = byBlob.filter { !known.contains($0.key) }.sorted { $0.value[0] < $1.value[0] }
        var failed: [Int: ChantalError] = [:]
        for start in stride(from: 0, to: open.count, by: PackageInspection.batch) {
            try session.checkCancellation()
            let batch = open[start..<min(start + PackageInspection.batch, open.count)]
            let bad = inspect(batch.map { (files[$0.value[0]], stored[$0.value[0]]) })
            for (offset, error) in bad {
                for index in batch[start + offset].value { failed[index] = named(error, files[index]) }
            }
            let good = batch.enumerated().filter { bad[$0.offset] == nil }.map(\.element.key)
            try session.catalog.rememberSignatures(good, key: inspection.key)
        }
        return failed
    }

    private func inspect(_ batch: [(file: PlannedFile, stored: StoredFile?)]) -> [Int: ChantalError] {
        let verdicts = Verdicts()
        let (staging, cancellation, inspection) = (session.staging, session.cancellation, inspection)
        Workers.run(batch.count, width: PackageInspection.threads) { index in
            do {
                try cancellation.check()
                guard let stored = batch[index].stored else { return }
                try inspection.inspect(batch[index].file, stored, staging.open(stored.digest))
            } catch {
                verdicts.bad.withLock { $0[index] = ChantalError.wrap(error) }
            }
        }
        return verdicts.bad.withLock { $0 }
    }

    private func named(_ error: ChantalError, _ file: PlannedFile) -> ChantalError {
        var result = error.within("'\(file.path)' is refused")
        result.path = file.path.description
        return result
    }
}
