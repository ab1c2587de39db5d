import Basics

/// The bytes of a page that is being written. The same calls give the same bytes.
struct PageText {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func add(plain text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func add(hex digest: Digest) { digest.appendHex(to: &bytes) }

    /// A JSON text with its quotes (RFC 8259, 7).
    mutating func add(json text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5c:
                bytes.append(0x5c)
                bytes.append(byte)
            case 0x0a: add("\\n")
            case 0x0d: add("\\r")
            case 0x09: add("\\t")
            case 0..<0x20, 0x7f:
                add("\\u00")
                bytes.append(Hex.digit(byte >> 4))
                bytes.append(Hex.digit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// Text of an HTML document, also within a quoted attribute: escaped once.
    mutating func add(html text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): add("&amp;")
            case UInt8(ascii: "<"): add("&lt;")
            case UInt8(ascii: ">"): add("&gt;")
            case UInt8(ascii: "\""): add("&quot;")
            case UInt8(ascii: "'"): add("&#x27;")
            default: bytes.append(byte)
            }
        }
    }
}
