import Basics
import Catalog
import Terminal

/// What `search --json` says, as ``PackagesResult`` would: made of the hits as they come, for a common word finds a hundred thousand.
///
/// It is written only when it is whole: a reader that is slow must not keep the catalog from anyone, nor an error cut a document short.
struct HitDocument {
    private static let pieceSize = 1 << 20

    private var pieces: [[UInt8]] = []
    private var piece: [UInt8] = []
    private var isFirst = true

    init() {
        piece.append(contentsOf: "{\"format\":1,\"packages\":[".utf8)
    }

    mutating func add(_ hit: SearchHitFields) {
        if piece.count >= HitDocument.pieceSize {
            pieces.append(piece)
            piece = []
            piece.reserveCapacity(HitDocument.pieceSize + 4096)
        }
        piece.append(contentsOf: (isFirst ? "{\"repository\":" : ",{\"repository\":").utf8)
        isFirst = false
        add(hit.repository)
        piece.append(contentsOf: ",\"type\":".utf8)
        add(hit.type)
        piece.append(contentsOf: ",\"name\":".utf8)
        quote(hit.name)
        piece.append(contentsOf: ",\"version\":".utf8)
        quote(hit.version)
        piece.append(contentsOf: ",\"architecture\":".utf8)
        quote(hit.architecture)
        piece.append(contentsOf: ",\"summary\":".utf8)
        quote(hit.summary)
        piece.append(contentsOf: ",\"digest\":".utf8)
        if let digest = hit.digest {
            piece.append(0x22)
            digest.appendHex(to: &piece)
            piece.append(contentsOf: "\"}".utf8)
        } else {
            piece.append(contentsOf: "null}".utf8)
        }
    }

    private mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { quote(UnsafeRawBufferPointer($0)) }
    }

    private mutating func quote(_ text: UnsafeRawBufferPointer) {
        if text.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c || $0 == 0x7f }) {
            piece.append(contentsOf: JSONValue.string(text.text).encoded())
            return
        }
        piece.append(0x22)
        piece.append(contentsOf: text)
        piece.append(0x22)
    }

    func write(to output: Output) {
        for piece in pieces { output.write(piece) }
        output.write(piece + Array("]}\n".utf8))
    }
}
