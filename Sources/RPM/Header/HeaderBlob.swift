import Basics

/// One header structure of a package file: an index of entries and the data that they point into
/// (rpm's docs/manual/format_header.md), checked as rpm checks it (lib/header.c, hdrblobVerifyInfo).
///
/// The bytes are those of the file from the magic on, numbers big-endian; nothing is copied until asked for.
struct HeaderBlob: Sendable {
    struct Entry: Sendable {
        var tag: HeaderTag
        var type: ValueType
        /// Of its data in ``HeaderBlob/bytes``.
        var range: Range<Int>
        /// Number of values.
        var count: Int
    }

    /// `rpmTagType`
    enum ValueType: UInt32, Sendable {
        case char = 1
        case int8, int16, int32, int64, string, binary, stringArray, translated

        /// Bytes of one value; nil for texts.
        var width: Int? {
            switch self {
            case .char, .int8, .binary: 1
            case .int16: 2
            case .int32: 4
            case .int64: 8
            case .string, .stringArray, .translated: nil
            }
        }
    }

    /// Magic, counts, index and data.
    let bytes: [UInt8]
    /// In the order of the file, the region's own entry left out.
    let entries: [Entry]
    /// Whether the whole is marked as what was built and signed (the "immutable region"), as all packages since rpm 4.0 are.
    let isImmutable: Bool

    static let magic: [UInt8] = [0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0]
    /// Of magic and counts.
    static let introductionSize = 16
    static let entrySize = 16

    /// - Parameters:
    ///   - bytes: as long as ``size(of:limits:)`` says.
    ///   - refuse: makes the error.
    init(_ bytes: [UInt8], region: HeaderTag, refuse: (String) -> ChantalError) throws {
        let count = Int(HeaderBlob.number(bytes, 8))
        let data = HeaderBlob.introductionSize + count * HeaderBlob.entrySize
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        var isImmutable = false
        var end = data
        for index in 0..<count {
            let position = HeaderBlob.introductionSize + index * HeaderBlob.entrySize
            let tag = HeaderTag(rawValue: HeaderBlob.number(bytes, position))
            let offset = Int(HeaderBlob.number(bytes, position + 8))
            let values = Int(HeaderBlob.number(bytes, position + 12))
            guard let type = ValueType(rawValue: HeaderBlob.number(bytes, position + 4)) else {
                throw refuse("an entry (tag \(tag.rawValue)) of an unknown type")
            }
            if index == 0, tag == region {
                isImmutable = try HeaderBlob.checkRegion(
                    bytes, region, entries: count, offset: offset, dataStart: data, refuse)
                continue
            }
            guard tag.rawValue >= HeaderTag.locales.rawValue else {
                throw refuse("an entry (tag \(tag.rawValue)) that has no place there")
            }
            // In order and not over each other: no work is done twice, whatever the counts say.
            let start = data + offset
            guard offset >= 0, start >= end, start <= bytes.count, values > 0,
                type.width.map({ $0 == 8 || offset % $0 == 0 }) ?? true,
                let size = HeaderBlob.size(type, values, bytes, start)
            else { throw refuse("an entry (tag \(tag.rawValue)) that leads outside or over another") }
            end = start + size
            entries.append(Entry(tag: tag, type: type, range: start..<end, count: values))
        }
        self.bytes = bytes
        self.entries = entries
        self.isImmutable = isImmutable
    }

    /// How many bytes a header has in all, from its first 16; nil if they begin no header or say more than the limits.
    static func size(of introduction: ArraySlice<UInt8>, entryLimit: Int, dataLimit: Int) -> Int? {
        let start = introduction.startIndex
        guard introduction.count >= introductionSize, introduction.prefix(8).elementsEqual(magic) else { return nil }
        let bytes = Array(introduction[start..<(start + introductionSize)])
        let (count, data) = (Int(number(bytes, 8)), Int(number(bytes, 12)))
        guard (1...entryLimit).contains(count), data <= dataLimit else { return nil }
        return introductionSize + count * entrySize + data
    }

    /// Whether the region covers the whole header. One that covers a part leaves room for entries that nobody signed: of the main
    /// header none may; the signature header's region says nothing about trust.
    private static func checkRegion(
        _ bytes: [UInt8], _ region: HeaderTag, entries: Int, offset: Int, dataStart: Int,
        _ refuse: (String) -> ChantalError
    ) throws -> Bool {
        let trailer = dataStart + offset
        let position = introductionSize
        guard number(bytes, position + 4) == ValueType.binary.rawValue, number(bytes, position + 12) == 16,
            offset >= 0, trailer + 16 <= bytes.count, number(bytes, trailer + 4) == ValueType.binary.rawValue,
            number(bytes, trailer + 12) == 16
        else { throw refuse("a damaged region") }
        if region == .regionOfSignatures { return true }
        let covered = -Int(Int32(bitPattern: number(bytes, trailer + 8)))
        guard number(bytes, trailer) == region.rawValue, covered == entries * entrySize, trailer + 16 == bytes.count
        else { throw refuse("a region that does not cover all of it") }
        return true
    }

    /// Bytes of an entry's data; nil if they lead outside.
    private static func size(_ type: ValueType, _ count: Int, _ bytes: [UInt8], _ start: Int) -> Int? {
        if let width = type.width {
            return count <= (bytes.count - start) / width ? count * width : nil
        }
        if type == .string, count != 1 { return nil }
        if count > bytes.count - start { return nil }
        return bytes.withUnsafeBytes { buffer in
            var end = start
            for _ in 0..<count {
                guard let zero = buffer.firstIndex(of: 0, from: end) else { return nil }
                end = zero + 1
            }
            return end - start
        }
    }

    static func number(_ bytes: [UInt8], _ position: Int) -> UInt32 {
        bytes.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(fromByteOffset: position, as: UInt32.self)) }
    }
}

extension HeaderBlob {
    /// The first entry of a tag.
    func entry(_ tag: HeaderTag) -> Entry? { entries.first { $0.tag == tag } }

    /// A single text; of a translated one the first, which is that without a locale. Bytes as they stand.
    func text(_ tag: HeaderTag) -> ArraySlice<UInt8>? {
        guard let entry = entry(tag), entry.type == .translated || entry.type.width == nil && entry.count == 1 else {
            return nil
        }
        let data = bytes[entry.range]
        return data.prefix(while: { $0 != 0 })
    }

    /// All texts of an array (or the only one), as places in ``bytes``.
    func texts(_ tag: HeaderTag) -> [Range<Int>] {
        guard let entry = entry(tag), entry.type.width == nil else { return [] }
        var result: [Range<Int>] = []
        result.reserveCapacity(entry.count)
        bytes.withUnsafeBytes { buffer in
            var start = entry.range.lowerBound
            for _ in 0..<entry.count {
                // Checked when the header was read.
                guard let zero = buffer.firstIndex(of: 0, from: start) else { return }
                result.append(start..<zero)
                start = zero + 1
            }
        }
        return result
    }

    /// The number of a tag; the first of several.
    func number(_ tag: HeaderTag) -> UInt64? { numbers(tag).first }

    func numbers(_ tag: HeaderTag) -> NumberList {
        guard let entry = entry(tag), let width = entry.type.width, entry.type != .binary else {
            return NumberList(bytes: [], start: 0, width: 1, count: 0)
        }
        return NumberList(bytes: bytes, start: entry.range.lowerBound, width: width, count: entry.count)
    }

    /// The bytes of a binary value.
    func binary(_ tag: HeaderTag) -> ArraySlice<UInt8>? {
        guard let entry = entry(tag), entry.type == .binary else { return nil }
        return bytes[entry.range]
    }

    /// Numbers of an entry, read where they stand.
    struct NumberList: RandomAccessCollection {
        fileprivate let bytes: [UInt8]
        fileprivate let start: Int
        fileprivate let width: Int
        let count: Int

        var startIndex: Int { 0 }
        var endIndex: Int { count }
        subscript(index: Int) -> UInt64 {
            let position = start + index * width
            return bytes.withUnsafeBytes { buffer in
                switch width {
                case 1: UInt64(buffer[position])
                case 2: UInt64(UInt16(bigEndian: buffer.loadUnaligned(fromByteOffset: position, as: UInt16.self)))
                case 4: UInt64(UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
                default: UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                }
            }
        }
    }
}
