import Basics
import Glibc

/// What a document tells while it is read: the events of XML and HTML alike.
///
/// Names, attributes and text lie in the parser's memory: they are valid until the call returns. What is kept is copied.
public protocol MarkupHandler: AnyObject {
    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws
    func endElement(_ name: MarkupName) throws
    /// A piece of text, entities replaced, UTF-8. One text may come in several pieces, and blanks between elements come too.
    func characters(_ text: UnsafeRawBufferPointer) throws
}

/// The name of an element without its prefix; of an HTML element in lower case.
///
/// A literal matches it, so that a `switch` reads like the format's specification: `case "package":`.
public struct MarkupName {
    public let bytes: UnsafeRawBufferPointer
    /// Whether a prefix stands before it in the document.
    public let hasPrefix: Bool

    @inline(__always)
    init(_ start: UnsafePointer<UInt8>, hasPrefix: Bool = false) {
        bytes = terminated(start)
        self.hasPrefix = hasPrefix
    }

    @inline(__always)
    public static func ~= (text: StaticString, name: MarkupName) -> Bool { name.bytes.equals(text) }

    @inline(__always)
    public static func == (name: MarkupName, text: StaticString) -> Bool { name.bytes.equals(text) }

    /// For messages and for what is kept.
    public var text: String { bytes.text }
}

/// The attributes of an element.
public struct MarkupAttributes {
    /// Pointers as the parser hands them out: `(name, prefix, namespace, value, end of value)` for XML, `(name, value)` for HTML.
    private let pointers: UnsafePointer<UnsafePointer<UInt8>?>?
    private let stride: Int
    public let count: Int

    /// Attributes of startElementNs (libxml2, SAX2).
    init(xml pointers: UnsafePointer<UnsafePointer<UInt8>?>?, count: Int) {
        self.pointers = pointers
        self.count = pointers == nil ? 0 : count
        stride = 5
    }

    /// Attributes of startElement (libxml2, SAX1 and HTML): pairs, ended by a null pointer.
    init(pairs pointers: UnsafePointer<UnsafePointer<UInt8>?>?) {
        self.pointers = pointers
        stride = 2
        var count = 0
        if let pointers {
            while pointers[count * 2] != nil { count += 1 }
        }
        self.count = count
    }

    /// The value of an attribute without a prefix, entities replaced; an HTML attribute without a value is empty.
    public subscript(name: StaticString) -> UnsafeRawBufferPointer? {
        for index in 0..<count where prefix(index) == nil && self.name(index).equals(name) { return value(index) }
        return nil
    }

    /// The value of an attribute with a prefix: `attributes["xml", "base"]`.
    public subscript(prefix: StaticString, name: StaticString) -> UnsafeRawBufferPointer? {
        for index in 0..<count where self.prefix(index)?.equals(prefix) == true && self.name(index).equals(name) {
            return value(index)
        }
        return nil
    }

    /// The name of an attribute, without its prefix.
    @inline(__always)
    public func name(_ index: Int) -> UnsafeRawBufferPointer {
        guard let start = pointers?[index * stride] else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return terminated(start)
    }

    /// Nil without one, and in HTML.
    @inline(__always)
    public func prefix(_ index: Int) -> UnsafeRawBufferPointer? {
        stride == 5 ? pointers?[index * 5 + 1].map { terminated($0) } : nil
    }

    @inline(__always)
    public func value(_ index: Int) -> UnsafeRawBufferPointer {
        let place = index * stride
        if stride == 5 {
            guard let start = pointers?[place + 3], let end = pointers?[place + 4] else {
                return UnsafeRawBufferPointer(start: nil, count: 0)
            }
            return UnsafeRawBufferPointer(start: start, count: end - start)
        }
        guard let start = pointers?[place + 1] else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return terminated(start)
    }
}

@inline(__always)
func terminated(_ start: UnsafePointer<UInt8>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)))
}
