import Basics
import SQLite

/// Packages as bytes, one after the other: what is hashed, and what waits to be written.
struct RowBuffer: ~Copyable {
    /// The parts of an encoded package that are bytes, in their order.
    enum Field: Int, CaseIterable {
        case name, version, architecture, group, summary, path, digest, alias
    }

    // Size (8 bytes), then a length of 4 bytes for each field, then their bytes.
    private static let headerSize = 8 + 4 * Field.allCases.count

    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit {
        base.deallocate()
    }

    mutating func truncate(to size: Int) {
        count = size
    }

    /// Adds a package.
    /// - Returns: where it begins; it ends at ``count``.
    mutating func append(_ row: PackageRow) -> Int {
        let start = begin(size: row.size)
        add(row.name, .name, start)
        add(row.version, .version, start)
        add(row.architecture, .architecture, start)
        add(row.group, .group, start)
        add(row.summary, .summary, start)
        add(row.path, .path, start)
        add(row.digest?.bytes ?? [], .digest, start)
        add(row.alias.map(AliasCode.encode) ?? [], .alias, start)
        return start
    }

    /// Adds the package of a statement that selects ``CatalogSchema/columns`` from a column on.
    mutating func append(_ statement: Statement, from column: Int) -> Int {
        let start = begin(size: statement.int64(column + 7))
        add(statement.bytes(column), .name, start)
        add(statement.bytes(column + 1), .version, start)
        add(statement.bytes(column + 2), .architecture, start)
        add(statement.bytes(column + 3), .group, start)
        add(statement.bytes(column + 4), .summary, start)
        add(statement.bytes(column + 6), .path, start)
        add(statement.bytes(column + 5), .digest, start)
        add(statement.bytes(column + 8), .alias, start)
        return start
    }

    /// The bytes of a package for hashing.
    func bytes(from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + start, count: count - start)
    }

    /// The package that begins at a place.
    func row(at start: Int) -> EncodedRow {
        EncodedRow(UnsafeRawPointer(base + start))
    }

    private mutating func begin(size: Int64) -> Int {
        let start = count
        reserve(RowBuffer.headerSize)
        base.storeBytes(of: size, toByteOffset: start, as: Int64.self)
        count += RowBuffer.headerSize
        return start
    }

    private mutating func add(_ text: String, _ field: Field, _ start: Int) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0), field, start) }
    }

    private mutating func add(_ bytes: [UInt8], _ field: Field, _ start: Int) {
        bytes.withUnsafeBytes { add($0, field, start) }
    }

    @inline(__always)
    private mutating func add(_ bytes: UnsafeRawBufferPointer, _ field: Field, _ start: Int) {
        reserve(bytes.count)
        base.storeBytes(of: UInt32(bytes.count), toByteOffset: start + 8 + 4 * field.rawValue, as: UInt32.self)
        if let source = bytes.baseAddress { (base + count).copyMemory(from: source, byteCount: bytes.count) }
        count += bytes.count
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
    }

    /// One package within a ``RowBuffer``: valid while the buffer is not changed.
    struct EncodedRow {
        private let start: UnsafeRawPointer

        fileprivate init(_ start: UnsafeRawPointer) {
            self.start = start
        }

        var size: Int64 { start.loadUnaligned(as: Int64.self) }

        private func length(_ field: Field) -> Int {
            Int(start.loadUnaligned(fromByteOffset: 8 + 4 * field.rawValue, as: UInt32.self))
        }

        subscript(_ field: Field) -> UnsafeRawBufferPointer {
            var offset = RowBuffer.headerSize
            for index in 0..<field.rawValue {
                offset += Int(start.loadUnaligned(fromByteOffset: 8 + 4 * index, as: UInt32.self))
            }
            return UnsafeRawBufferPointer(start: start + offset, count: length(field))
        }
    }
}
