import Basics
import Catalog
import Terminal

/// What `search --json` says, as ``PackagesResult`` would: made of the hits as they come, for a common word finds a hundred thousand.
///
/// It is written only when it is whole: a reader that is slow must not keep the catalog from anyone, nor an error cut a document short.
struct HitDocument {
    /// Bytes that are written where they stay.
    private final class Piece {
        let bytes: UnsafeMutableRawBufferPointer
        var count = 0

        init(_ size: Int) {
            bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        }

        deinit {
            bytes.deallocate()
        }

        @inline(__always)
        func add(_ text: UnsafeRawBufferPointer) {
            UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: text)
            count += text.count
        }

        /// Adds bytes as hex digits, four at a time; their number is a multiple of four.
        @inline(__always)
        func add(hex bytes: UnsafeRawBufferPointer) {
            let ones: UInt64 = 0x0101_0101_0101_0101
            for place in stride(from: 0, to: bytes.count, by: 4) {
                var digits = UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
                // A half of a byte to each of eight.
                digits = (digits | digits << 16) & 0x0000_ffff_0000_ffff
                digits = (digits | digits << 8) & 0x00ff_00ff_00ff_00ff
                digits = (digits | digits << 4) & 0x0f0f_0f0f_0f0f_0f0f
                let letters = (digits &+ 6 &* ones) >> 4 & ones
                digits = digits &+ 0x30 &* ones &+ letters &* 0x27
                self.bytes.storeBytes(of: digits.bigEndian, toByteOffset: count, as: UInt64.self)
                count += 8
            }
        }

        @inline(__always)
        func add(_ text: StaticString) {
            add(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
    }

    // As much as is written at once.
    private static let pieceSize = 1 << 16
    // All that stands around the texts, and the digest.
    private static let fixedSize = 256

    private var pieces: [Piece] = []
    private var piece = Piece(HitDocument.pieceSize)
    private var isFirst = true
    // What each hit of a repository begins with.
    private var starts: [String: [UInt8]] = [:]

    init() {
        piece.add("{\"format\":1,\"packages\":[")
    }

    mutating func add(_ hit: SearchHitFields) {
        let start = start(hit.repository, hit.type)
        // An escaped byte takes six at most, one that is not UTF-8 fewer.
        let texts = hit.name.count + hit.version.count + hit.architecture.count + hit.summary.count
        let size = start.count + HitDocument.fixedSize + 6 * texts
        if piece.bytes.count - piece.count < size {
            pieces.append(piece)
            piece = Piece(max(HitDocument.pieceSize, size))
        }
        if !isFirst { piece.add(",") }
        isFirst = false
        start.withUnsafeBytes { piece.add($0) }
        quote(hit.name)
        piece.add(",\"version\":")
        quote(hit.version)
        piece.add(",\"architecture\":")
        quote(hit.architecture)
        piece.add(",\"summary\":")
        quote(hit.summary)
        piece.add(",\"digest\":")
        if let digest = hit.digest {
            piece.add("\"")
            digest.withBytes { piece.add(hex: $0) }
            piece.add("\"}")
        } else {
            piece.add("null}")
        }
    }

    private mutating func start(_ repository: String, _ type: String) -> [UInt8] {
        if let start = starts[repository] { return start }
        let start =
            Array("{\"repository\":".utf8) + JSONValue.string(repository).encoded() + Array(",\"type\":".utf8)
            + JSONValue.string(type).encoded() + Array(",\"name\":".utf8)
        starts[repository] = start
        return start
    }

    private func quote(_ text: UnsafeRawBufferPointer) {
        if HitDocument.needsEscapes(text) {
            JSONValue.string(text.text).encoded().withUnsafeBytes { piece.add($0) }
            return
        }
        piece.add("\"")
        piece.add(text)
        piece.add("\"")
    }

    /// Whether a text has a control character, a quotation mark, a backslash, or what is not ASCII and might not be UTF-8 in a damaged
    /// catalog; eight bytes at a time.
    private static func needsEscapes(_ text: UnsafeRawBufferPointer) -> Bool {
        let (ones, tops) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        func hasZero(_ word: UInt64) -> Bool { (word &- ones) & ~word & tops != 0 }
        var place = 0
        while place + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            if (word | (word &- ones &* 0x20)) & tops != 0 || hasZero(word ^ ones &* 0x22)
                || hasZero(word ^ ones &* 0x5c) || hasZero(word ^ ones &* 0x7f)
            {
                return true
            }
            place += 8
        }
        return text[place...].contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c || $0 >= 0x7f }
    }

    func write(to output: Output) {
        for piece in pieces + [piece] { output.write(Array(piece.bytes[..<piece.count])) }
        output.write(Array("]}\n".utf8))
    }
}
