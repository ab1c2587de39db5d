import Basics
import SQLite

/// Packages as bytes, one after the other, each with its hash: what waits to be written.
struct RowBuffer: ~Copyable {
    /// The parts of an encoded package that are bytes, in their order.
    enum Field: Int, CaseIterable {
        case name, version, architecture, group, summary, path, provides, files, source, homepage, digest, alias

        /// All but the last two.
        static let texts = allCases.filter { $0 != .digest && $0 != .alias }
    }

    // The hash (16 bytes), the size (8), a length of 4 bytes for each field, then their bytes.
    private static let sizeOffset = 16
    private static let lengthsOffset = 24
    private static let headerSize = lengthsOffset + 4 * Field.allCases.count

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

    /// Makes all bytes those that a body writes, such as a buffer was before.
    mutating func fill(count: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        self.count = 0
        reserve(count)
        try body(UnsafeMutableRawBufferPointer(start: base, count: count))
        self.count = count
    }

    /// All bytes.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Adds a package with its hash.
    /// - Returns: where it begins; it ends at ``count``.
    mutating func append(_ row: PackageRow, _ hasher: RowHasher) -> Int {
        let start = begin(size: row.size)
        add(row.name, .name, start)
        add(row.version, .version, start)
        add(row.architecture, .architecture, start)
        add(row.group, .group, start)
        add(row.summary, .summary, start)
        add(row.path, .path, start)
        add(row.provides, .provides, start)
        add(row.files, .files, start)
        add(row.source, .source, start)
        add(row.homepage, .homepage, start)
        end(row.digest, row.alias, hasher, start)
        return start
    }

    /// The same of a package in bytes.
    mutating func append(_ fields: PackageFields, _ hasher: RowHasher) -> Int {
        let start = begin(size: fields.size)
        add(text: fields.name, .name, start)
        add(text: fields.version, .version, start)
        add(text: fields.architecture, .architecture, start)
        add(text: fields.group, .group, start)
        add(text: fields.summary, .summary, start)
        add(text: fields.path, .path, start)
        add(text: fields.provides, .provides, start)
        add(text: fields.files, .files, start)
        add(text: fields.source, .source, start)
        add(text: fields.homepage, .homepage, start)
        end(fields.digest, fields.alias, hasher, start)
        return start
    }

    private mutating func end(_ digest: Digest?, _ alias: Checksum?, _ hasher: RowHasher, _ start: Int) {
        digest?.withBytes { add($0, .digest, start) }
        if let alias { AliasCode.encode(alias).withUnsafeBytes { add($0, .alias, start) } }
        let content = start + RowBuffer.sizeOffset
        let hash = hasher.hash(UnsafeRawBufferPointer(start: base + content, count: count - content))
        base.storeBytes(of: hash, toByteOffset: start, as: RowHash.self)
    }

    /// The package that begins at a place.
    func row(at start: Int) -> EncodedRow {
        EncodedRow(UnsafeRawPointer(base + start))
    }

    private mutating func begin(size: Int64) -> Int {
        // Numbers lie where their alignment wants them.
        let start = (count + 7) & ~7
        reserve(start - count + RowBuffer.headerSize)
        (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: start - count + RowBuffer.headerSize)
        base.storeBytes(of: size, toByteOffset: start + RowBuffer.sizeOffset, as: Int64.self)
        count = start + RowBuffer.headerSize
        return start
    }

    private mutating func add(_ text: String, _ field: Field, _ start: Int) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0), field, start) }
    }

    /// Bytes that ought to be UTF-8: what is not is mended, so that the same package is the same wherever it comes from.
    @inline(__always)
    private mutating func add(text: UnsafeRawBufferPointer, _ field: Field, _ start: Int) {
        if RowBuffer.isASCII(text) { add(text, field, start) } else { add(text.text, field, start) }
    }

    @inline(__always)
    private static func isASCII(_ text: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        var all: UInt64 = 0
        while index + 8 <= text.count {
            all |= text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < text.count {
            all |= UInt64(text[index])
            index += 1
        }
        return all & 0x8080_8080_8080_8080 == 0
    }

    @inline(__always)
    private mutating func add(_ bytes: UnsafeRawBufferPointer, _ field: Field, _ start: Int) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
        reserve(bytes.count)
        base.storeBytes(
            of: UInt32(bytes.count), toByteOffset: start + RowBuffer.lengthsOffset + 4 * field.rawValue, as: UInt32.self
        )
        (base + count).copyMemory(from: source, byteCount: bytes.count)
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

        var hash: RowHash { start.load(as: RowHash.self) }

        /// The 16 bytes of the hash.
        var hashBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: RowBuffer.sizeOffset) }

        var size: Int64 { start.load(fromByteOffset: RowBuffer.sizeOffset, as: Int64.self) }

        private func length(_ field: Int) -> Int {
            Int(start.load(fromByteOffset: RowBuffer.lengthsOffset + 4 * field, as: UInt32.self))
        }

        subscript(_ field: Field) -> UnsafeRawBufferPointer {
            var offset = RowBuffer.headerSize
            for index in 0..<field.rawValue { offset += length(index) }
            return UnsafeRawBufferPointer(start: start + offset, count: length(field.rawValue))
        }

        /// Where the next package begins, from the start of this one.
        fileprivate var stride: Int {
            var size = RowBuffer.headerSize
            for index in 0..<Field.allCases.count { size += length(index) }
            return (size + 7) & ~7
        }
    }

    /// Hands over each package.
    func forEachRow(_ body: (EncodedRow) throws -> Void) rethrows {
        var start = 0
        while start < count {
            let row = row(at: start)
            try body(row)
            start += row.stride
        }
    }
}
