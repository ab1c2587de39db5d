import Basics
import Mirroring
import Store

/// What the store holds, and who needs it.
struct StoreStatistics {
    private(set) var result: StatsResult

    /// Reads every manifest that a generation names once, and the directory of blobs.
    init(_ engine: Engine) throws {
        let records = engine.store.records
        let names = try records.repositories()
        // Of each blob the repository that alone has it, or -1 if several do.
        var owners: [Digest: (size: Int64, owner: Int)] = [:]
        var rows: [StatsResult.Repository] = []
        var totals = [Int64](repeating: 0, count: names.count)
        var logical: Int64 = 0
        for (index, name) in names.enumerated() {
            var seen: Set<Digest> = []
            for number in try records.generations(of: name) {
                try engine.cancellation.check()
                guard let record = try records.generationIfPresent(number, of: name) else { continue }
                logical += record.bytes
                guard seen.insert(record.manifest).inserted else { continue }
                try records.forEachLine(of: record.manifest) { line in
                    guard let known = owners[line.digest] else {
                        owners[line.digest] = (line.size, index)
                        return
                    }
                    if known.owner != index { owners[line.digest]?.owner = -1 }
                }
            }
        }
        for entry in owners.values where entry.owner >= 0 { totals[entry.owner] += entry.size }
        for (index, name) in names.enumerated() {
            rows.append(try StoreStatistics.row(name, ownBytes: totals[index], records))
        }
        var blobs = 0
        var bytes: Int64 = 0
        func count(_ digest: Digest, _ size: Int64) {
            blobs += 1
            bytes += size
        }
        try engine.store.blobs.forEachBlob(count)
        result = StatsResult(blobs: blobs, bytes: bytes, logicalBytes: logical, repositories: rows)
    }

    private static func row(_ name: String, ownBytes: Int64, _ records: any RecordStore) throws
        -> StatsResult.Repository
    {
        let latest = try records.latestGeneration(of: name)
        return StatsResult.Repository(
            repository: name, generations: try records.generations(of: name).count,
            snapshots: try records.snapshots(of: name).count, packages: latest?.packages ?? 0,
            files: latest?.files ?? 0,
            bytes: latest?.bytes ?? 0, ownBytes: ownBytes)
    }
}
