import Basics
import SQLite

/// The rows of a generation as they come: those that its neighbours have are marked, the others wait to be written.
final class RowIntake {
    /// Flags of a ``RowTable`` entry.
    enum Flag {
        /// The generation holds it.
        static let seen: UInt64 = 1
        /// Its interval reaches to the generation as it stands.
        static let covers: UInt64 = 2
        /// In the generation before; the one after.
        static let inPrevious: UInt64 = 4
        static let inNext: UInt64 = 8
        /// Its interval is open: `until` is NULL.
        static let isOpen: UInt64 = 16
        /// In no neighbour.
        static let isNew: UInt64 = 32
    }

    /// The nearest indexed generations.
    struct Neighbours: Equatable {
        var previous: Int?
        var next: Int?
    }

    // So many bytes of new packages are written at once: about 7,000 packages, 0.2 s.
    private static let batchBytes = 3 << 20

    private let hasher: RowHasher
    private var table = RowTable()
    private(set) var waiting = RowBuffer(capacity: 64 << 10)
    /// Packages of the generation so far, and those of them that no neighbour has.
    private(set) var packages = 0
    private(set) var added = 0
    private var keptNames: Set<RowHash> = []

    init(_ hasher: RowHasher) {
        self.hasher = hasher
    }

    /// Learns the rows of the neighbours.
    /// - Parameter number: of the generation; nil if it is not known yet, but after all others.
    func load(_ repository: Int64, number: Int?, _ neighbours: Neighbours, _ database: Connection) throws {
        let range = CatalogSchema.rows(of: repository)
        let (previous, next) = (neighbours.previous ?? -1, neighbours.next ?? .max)
        var loaded = RowTable()
        // Rows of neither neighbour are skipped by their first columns alone.
        try database.query(
            "SELECT id, first, until, hash FROM package WHERE id BETWEEN ? AND ?", range.lowerBound, range.upperBound
        ) { row in
            let first = row.int(1)
            let until = row.optionalInt(2) ?? .max
            var flags: UInt64 = 0
            if neighbours.previous != nil, first <= previous, previous < until { flags |= Flag.inPrevious }
            if neighbours.next != nil, first <= next, next < until { flags |= Flag.inNext }
            if flags == 0 { return }
            if number.map({ first <= $0 && $0 < until }) ?? true { flags |= Flag.covers }
            if until == .max { flags |= Flag.isOpen }
            guard let hash = RowHash(bytes: row.bytes(3)) else {
                throw ChantalError(.needsRebuild, "a package of the catalog has no hash", path: database.path)
            }
            loaded.insert(hash, row: row.int64(0) - range.lowerBound, flags: flags)
        }
        table = loaded
    }

    func add(_ row: PackageRow) { take(waiting.append(row, hasher)) }
    func add(_ fields: PackageFields) { take(waiting.append(fields, hasher)) }

    /// Whether so much waits that it should be written.
    var isFull: Bool { waiting.count >= RowIntake.batchBytes }

    @inline(__always)
    private func take(_ start: Int) {
        let hash = waiting.row(at: start).hash
        if let before = table.mark(hash, flags: Flag.seen) {
            if before & Flag.seen == 0 { packages += 1 }
            waiting.truncate(to: start)
            return
        }
        table.insert(hash, row: 0, flags: Flag.seen | Flag.isNew)
        packages += 1
        added += 1
    }

    /// Hands over what waits, and forgets it.
    func drain(_ body: (inout RowBuffer) throws -> Void) throws {
        if waiting.count == 0 { return }
        try body(&waiting)
        waiting.truncate(to: 0)
    }

    func keep(name: String) { keptNames.insert(hash(ofName: Array(name.utf8))) }

    private func hash(ofName name: [UInt8]) -> RowHash {
        name.map(\.asciiLowercased).withUnsafeBytes { hasher.hash($0) }
    }

    /// Marks the rows of the generation before whose names are to be kept.
    func markKept(_ repository: Int64, _ previous: Int, _ database: Connection) throws {
        if keptNames.isEmpty { return }
        let range = CatalogSchema.rows(of: repository)
        var (last, isKept): ([UInt8], Bool) = ([], false)
        try database.query(
            "SELECT first, until, hash, name FROM package WHERE id BETWEEN ? AND ?", range.lowerBound, range.upperBound
        ) { row in
            guard row.int(0) <= previous, previous < row.optionalInt(1) ?? .max else { return }
            // Rows of one name mostly lie together.
            let name = row.bytes(3)
            if !name.elementsEqual(last) {
                last = Array(name)
                isKept = keptNames.contains(hash(ofName: last))
            }
            guard isKept, let hash = RowHash(bytes: row.bytes(2)) else { return }
            if let before = table.mark(hash, flags: Flag.seen), before & Flag.seen == 0 { packages += 1 }
        }
    }

    /// Hands over each row of a neighbour with its number and flags.
    func forEachKnown(_ body: (_ row: Int64, _ flags: UInt64) throws -> Void) rethrows {
        try table.visit { row, flags in if flags & Flag.isNew == 0 { try body(row, flags) } }
    }
}
