import Basics
import SQLite

/// The best hits so far, at most as many as asked for: in order, each package once.
struct HitList {
    private struct Identity: Hashable {
        var repository, name, version, architecture: String
        var digest: Digest?

        init(_ hit: SearchHit) {
            (repository, name, version, architecture) = (hit.repository, hit.name, hit.version, hit.architecture)
            digest = hit.digest
        }
    }

    private struct Ranked {
        var rank: Int
        var hit: SearchHit
    }

    private let limit: Int
    private var hits: [Ranked] = []
    private var known: Set<Identity> = []
    // Nothing of this rank with a name (folded) after this one is wanted any more.
    private var worst: (rank: Int, name: [UInt8])?

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether a further rank could not change anything.
    var isFull: Bool { known.count >= limit }

    /// Whether a name may still be among the best, told without making a String of it.
    @inline(__always)
    func wants(_ rank: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        guard let worst else { return true }
        if rank != worst.rank { return rank < worst.rank }
        return worst.name.withUnsafeBytes { ByteOrder.compare(name, $0, folding: true) <= 0 }
    }

    /// Adds a hit.
    /// - Returns: whether it is another package than all before.
    @discardableResult
    mutating func add(_ rank: Int, _ hit: SearchHit) -> Bool {
        if !known.insert(Identity(hit)).inserted { return false }
        hits.append(Ranked(rank: rank, hit: hit))
        // For the first time as soon as there are enough: from then on most are refused by their names.
        if hits.count >= (worst == nil ? limit : 2 * max(limit, 64)) { cut() }
        return true
    }

    /// The hits in order.
    mutating func sorted() -> [SearchHit] {
        cut()
        return hits.map(\.hit)
    }

    private mutating func cut() {
        hits.sort(by: HitList.isBefore)
        if hits.count < limit { return }
        hits.removeLast(hits.count - limit)
        if let last = hits.last { worst = (last.rank, last.hit.name.utf8.map(\.asciiLowercased)) }
        known = Set(hits.map { Identity($0.hit) })
    }

    private static func isBefore(_ a: Ranked, _ b: Ranked) -> Bool {
        if a.rank != b.rank { return a.rank < b.rank }
        let folded = ByteOrder.compare(a.hit.name, b.hit.name, folding: true)
        if folded != 0 { return folded < 0 }
        for field in [\SearchHit.name, \.repository, \.architecture, \.version] {
            let order = ByteOrder.compare(a.hit[keyPath: field], b.hit[keyPath: field])
            if order != 0 { return order < 0 }
        }
        switch (a.hit.digest, b.hit.digest) {
        case (let x?, let y?): return x < y
        case (nil, _?): return true
        default: return false
        }
    }
}
