import Basics
import XML

/// An element of a small document with all that is in it, known and unknown, so that whatever is kept is written as it was read.
struct DocumentElement: Hashable {
    struct Attribute: Hashable {
        /// With its prefix: `xml:lang`.
        var name: String
        var value: [UInt8]
    }

    var name: String
    var attributes: [Attribute] = []
    var children: [DocumentElement] = []
    /// Of an element without children as it stands; of one with children what is beside them, blanks left out.
    var text: [UInt8] = []

    /// The first child of a name.
    subscript(name: String) -> DocumentElement? { children.first { $0.name == name } }

    func attribute(_ name: String) -> String? {
        attributes.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    /// Without the blanks around it.
    var trimmedText: String { text.withUnsafeBytes { $0.trimmed.text } }

    /// Writes it with two spaces a level, one line a leaf.
    func write(to writer: inout ElementWriter, indent: Int) {
        let blanks = String(repeating: " ", count: indent)
        writer.raw("\(blanks)<\(name)")
        for attribute in attributes { writer.attribute(attribute.name, attribute.value) }
        if children.isEmpty, text.isEmpty { return writer.raw("/>\n") }
        writer.raw(">")
        if children.isEmpty {
            writer.text(text)
        } else {
            if !text.isEmpty { writer.text(text) }
            writer.raw("\n")
            for child in children { child.write(to: &writer, indent: indent + 2) }
            writer.raw(blanks)
        }
        writer.raw("</\(name)>\n")
    }
}

/// Builds elements while a document is read: the root alone, or each child of it as soon as it is complete.
final class DocumentReader: MarkupHandler {
    /// Of one element that is built, in bytes: the largest advisories have some thousand packages.
    private static let sizeLimit = 64 << 20

    private let emit: ((DocumentElement) throws -> Void)?
    private var open: [DocumentElement] = []
    private var size = 0
    private(set) var root: DocumentElement?

    /// - Parameter emit: given each child of the root; nil to keep them all within ``root``.
    init(_ emit: ((DocumentElement) throws -> Void)? = nil) { self.emit = emit }

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        var element = DocumentElement(name: name.text)
        for index in 0..<attributes.count {
            let prefix = attributes.prefix(index).map { "\($0.text):" } ?? ""
            let value = Array(attributes.value(index))
            try count(value.count)
            element.attributes.append(.init(name: prefix + attributes.name(index).text, value: value))
        }
        try count(100)
        open.append(element)
    }

    func endElement(_ name: MarkupName) throws {
        guard var element = open.popLast() else { return }
        if !element.children.isEmpty {
            element.text = element.text.withUnsafeBytes { Array($0.trimmed) }
        }
        guard !open.isEmpty else {
            root = element
            return
        }
        if open.count == 1, let emit {
            size = 0
            return try emit(element)
        }
        open[open.count - 1].children.append(element)
    }

    func characters(_ text: UnsafeRawBufferPointer) throws {
        // Blanks between the children of the root would pile up.
        if open.isEmpty || open.count == 1 && emit != nil { return }
        try count(text.count)
        open[open.count - 1].text.append(contentsOf: text)
    }

    private func count(_ bytes: Int) throws {
        size += bytes
        if size > DocumentReader.sizeLimit {
            throw ChantalError(
                .tooLarge, "an element is larger than \(ByteCount.text(Int64(DocumentReader.sizeLimit)))")
        }
    }

    /// Reads a document that is all there.
    /// - Throws: `malformed` with the line.
    static func read(_ bytes: [UInt8], file: String, root name: StaticString) throws -> DocumentElement {
        let reader = DocumentReader()
        try XMLParser.parse(bytes, file: file, root: name, handler: reader)
        guard let root = reader.root else { throw ChantalError(.malformed, "\(file) has no element", path: file) }
        return root
    }
}

/// The line in front of a document that is written.
let documentDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
