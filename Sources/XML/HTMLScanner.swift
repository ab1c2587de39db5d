import Basics

/// Finds start tags in HTML, however ill-formed it is (WHATWG HTML, 13.2.5 "Tokenization").
///
/// No tree is built and no document is refused: what a browser or Python's `html.parser` would show as a link is one here.
/// Comments, scripts and the other elements whose content is no markup are passed over.
public struct HTMLScanner {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Calls `body` for each start tag of one of these names, in order. The bytes are taken for UTF-8.
    /// - Parameter names: in lower case.
    public static func forEachStartTag(
        in bytes: UnsafeRawBufferPointer, named names: [StaticString], _ body: (HTMLTag) throws -> Void
    ) rethrows {
        var scanner = HTMLScanner(bytes)
        while let tag = scanner.nextTag() {
            if let name = names.first(where: { tag.name.equalsIgnoringCase($0) }) {
                try body(
                    HTMLTag(name: name.description, attributes: tag.attributes, document: bytes, end: scanner.index))
            }
            if let raw = HTMLScanner.rawElements.first(where: { tag.name.equalsIgnoringCase($0) }) {
                scanner.skipContent(of: raw)
            }
        }
    }

    /// Elements whose content is text up to their end tag (WHATWG HTML, 13.2.6.4: raw text and RCDATA).
    private static let rawElements: [StaticString] = [
        "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes",
    ]

    private typealias RawTag = (name: UnsafeRawBufferPointer, attributes: [HTMLTag.Attribute])

    private mutating func nextTag() -> RawTag? {
        while let open = bytes.firstIndex(of: 0x3c, from: index), open + 1 < bytes.count {
            index = open + 1
            switch bytes[index] {
            case UInt8(ascii: "!"):
                if bytes.count - index >= 3, bytes[index + 1] == 0x2d, bytes[index + 2] == 0x2d {
                    skipComment()
                } else {
                    skipPast(0x3e)
                }
            case UInt8(ascii: "?"), UInt8(ascii: "/"): skipPast(0x3e)
            case let letter where letter.isASCIILetter:
                // One that the document's end cuts off is no tag.
                guard let tag = startTag() else { return nil }
                return tag
            default: break
            }
        }
        return nil
    }

    private mutating func skipPast(_ byte: UInt8) {
        index = bytes.firstIndex(of: byte, from: index).map { $0 + 1 } ?? bytes.count
    }

    /// From `!--` to behind `-->`; `<!-->` and `<!--->` are whole comments.
    private mutating func skipComment() {
        var end = index + 1
        while let close = bytes.firstIndex(of: 0x3e, from: end) {
            if close - 2 >= index + 1, bytes[close - 1] == 0x2d, bytes[close - 2] == 0x2d {
                index = close + 1
                return
            }
            end = close + 1
        }
        index = bytes.count
    }

    private mutating func skipContent(of name: StaticString) {
        while let open = bytes.firstIndex(of: 0x3c, from: index) {
            index = open + 1
            let end = index + 1 + name.utf8CodeUnitCount
            guard index < bytes.count, bytes[index] == 0x2f, end < bytes.count else { continue }
            guard bytes.slice((index + 1)..<end).equalsIgnoringCase(name), HTMLScanner.endsName(bytes[end]) else {
                continue
            }
            index = end
            skipPast(0x3e)
            return
        }
        index = bytes.count
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte.isASCIISpace || byte == 0x0c }
    private static func endsName(_ byte: UInt8) -> Bool { isSpace(byte) || byte == 0x2f || byte == 0x3e }

    private mutating func startTag() -> RawTag? {
        let start = index
        while index < bytes.count, !HTMLScanner.endsName(bytes[index]) { index += 1 }
        let name = bytes.slice(start..<index)
        var attributes: [HTMLTag.Attribute] = []
        while true {
            while index < bytes.count, HTMLScanner.isSpace(bytes[index]) || bytes[index] == 0x2f { index += 1 }
            guard index < bytes.count else { return nil }
            if bytes[index] == 0x3e {
                index += 1
                return (name, attributes)
            }
            guard let attribute = attribute() else { return nil }
            if attributes.count < HTMLTag.mostAttributes { attributes.append(attribute) }
        }
    }

    /// Nil at the document's end.
    private mutating func attribute() -> HTMLTag.Attribute? {
        let start = index
        index += 1  // a name may begin with '='
        while index < bytes.count, !HTMLScanner.endsName(bytes[index]), bytes[index] != 0x3d { index += 1 }
        let name = start..<index
        skipSpaces()
        guard index < bytes.count, bytes[index] == 0x3d else { return HTMLTag.Attribute(name: name, value: nil) }
        index += 1
        skipSpaces()
        guard index < bytes.count else { return nil }
        let first = bytes[index]
        if first == 0x22 || first == 0x27 {
            guard let close = bytes.firstIndex(of: first, from: index + 1) else {
                index = bytes.count
                return nil
            }
            defer { index = close + 1 }
            return HTMLTag.Attribute(name: name, value: (index + 1)..<close)
        }
        let value = index
        while index < bytes.count, !HTMLScanner.isSpace(bytes[index]), bytes[index] != 0x3e { index += 1 }
        return HTMLTag.Attribute(name: name, value: value..<index)
    }

    private mutating func skipSpaces() {
        while index < bytes.count, HTMLScanner.isSpace(bytes[index]) { index += 1 }
    }
}

/// A start tag. Lent for a call: it points into the document.
public struct HTMLTag {
    struct Attribute {
        let name: Range<Int>
        /// Nil if there is no `=`.
        let value: Range<Int>?
    }

    /// More attributes of one tag are passed over.
    static let mostAttributes = 64

    /// In lower case.
    public let name: String
    let attributes: [Attribute]
    let document: UnsafeRawBufferPointer
    let end: Int

    /// Whether there is such an attribute, with or without a value; the first of a name counts.
    public func has(_ name: StaticString) -> Bool { find(name) != nil }

    /// An attribute's value with its character references replaced; nil if it is absent or has none.
    public subscript(name: StaticString) -> String? {
        find(name)?.value.map { CharacterReferences.decoded(document.slice($0)) }
    }

    private func find(_ name: StaticString) -> Attribute? {
        attributes.first { document.slice($0.name).equalsIgnoringCase(name) }
    }

    /// The text between this tag and the next, trimmed.
    public var text: String {
        let close = document.firstIndex(of: 0x3c, from: end) ?? document.count
        return CharacterReferences.decoded(document.slice(end..<close).trimmed)
    }
}
