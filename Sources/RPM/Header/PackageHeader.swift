import Basics
import Mirroring

/// What stands before the payload of a package file: lead, signature header, main header
/// (rpm's docs/manual/format_v3.md, format_v4.md, format_v6.md).
struct PackageHeader: Sendable {
    let signature: HeaderBlob
    let main: HeaderBlob
    /// Of the main header within the file, magic included: createrepo's `header-range`.
    let range: Range<Int>

    static let leadSize = 96
    private static let leadMagic: [UInt8] = [0xed, 0xab, 0xee, 0xdb]

    /// rpm itself allows 64 MiB of signatures and 256 MiB of header. The largest that distributions have are a few MiB.
    private static let signatureLimits = (entries: 256, data: 1 << 20)
    private static let mainLimits = (entries: 65_535, data: 64 << 20)

    /// Reads from the beginning of a file up to its payload.
    /// - Parameter name: the file, for messages.
    /// - Throws: ``ChantalError`` `malformed` that names the file, if it is no package or breaks the format.
    static func read(_ reader: any BlobReader, name: String) throws -> PackageHeader {
        try PackageReader(reader, name: name).header
    }
}

/// Reads a package file once from front to back: first the headers, then the payload.
final class PackageReader {
    let header: PackageHeader
    private var input: PackageInput

    init(_ reader: any BlobReader, name: String) throws {
        input = PackageInput(reader, name: name)
        header = try PackageHeader(&input)
    }

    /// The payload in pieces, as it stands in the file. To be called once.
    func forEachPayloadChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws { try input.forEachChunk(body) }
}

extension PackageHeader {
    fileprivate init(_ input: inout PackageInput) throws {
        let name = input.name
        func refuse(_ reason: String) -> ChantalError {
            ChantalError(
                .malformed, "the package \(name) has \(reason)",
                hint: "the file is damaged or was made to do damage; fetch it from another mirror", path: name)
        }
        guard input.size >= PackageHeader.leadSize, let lead = try input.take(PackageHeader.leadSize),
            lead.starts(with: PackageHeader.leadMagic)
        else {
            throw ChantalError(
                .malformed, "\(name) is no rpm package", hint: "a proxy or a portal may have answered instead",
                path: name)
        }
        let limits = PackageHeader.signatureLimits
        signature = try HeaderBlob(
            input.blob(entryLimit: limits.entries, dataLimit: limits.data, refuse), region: .regionOfSignatures
        ) { refuse("in its signatures \($0)") }
        let padding = (8 - signature.bytes.count % 8) % 8
        guard try input.take(padding) != nil else { throw refuse("no header: it is cut off") }
        let start = PackageHeader.leadSize + signature.bytes.count + padding
        let bytes = try input.blob(
            entryLimit: PackageHeader.mainLimits.entries, dataLimit: PackageHeader.mainLimits.data, refuse)
        main = try HeaderBlob(bytes, region: .immutableRegion) { refuse("in its header \($0)") }
        range = start..<(start + bytes.count)
    }
}

/// A file's bytes by number.
private struct PackageInput {
    let name: String
    let size: Int64
    private let reader: any BlobReader
    private var buffer: [UInt8]
    private var position = 0
    private var filled = 0
    private var taken: Int64 = 0

    init(_ reader: any BlobReader, name: String) {
        self.name = name
        self.reader = reader
        size = reader.size
        buffer = [UInt8](repeating: 0, count: Int(clamping: min(max(reader.size, 4096), 256 * 1024)))
    }

    /// Exactly as many bytes; nil if the file ends before.
    mutating func take(_ count: Int) throws -> [UInt8]? {
        // Before memory is asked for.
        guard Int64(count) <= size - taken else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        while result.count < count {
            if position == filled { try fill() }
            let piece = min(count - result.count, filled - position)
            if piece == 0 { return nil }
            result += buffer[position..<(position + piece)]
            position += piece
        }
        taken += Int64(count)
        return result
    }

    private mutating func fill() throws {
        position = 0
        filled = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
    }

    /// A header structure from its magic to its end.
    mutating func blob(
        entryLimit: Int, dataLimit: Int, _ refuse: (String) -> ChantalError
    ) throws -> [UInt8] {
        guard let introduction = try take(HeaderBlob.introductionSize) else { throw refuse("no header: it is cut off") }
        guard let size = HeaderBlob.size(of: introduction[...], entryLimit: entryLimit, dataLimit: dataLimit) else {
            throw refuse("a header that begins wrong or is too large")
        }
        guard let rest = try take(size - introduction.count) else { throw refuse("no whole header: it is cut off") }
        return introduction + rest
    }

    /// All that is left.
    mutating func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while true {
            if position == filled { try fill() }
            if filled == 0 { return }
            try buffer.withUnsafeBytes { try body($0.slice(position..<filled)) }
            position = filled
        }
    }
}
