import Basics
internal import CXML

/// Reads XML 1.0 with namespaces as it arrives (libxml2, SAX2), and tells a handler.
///
/// There are the five predefined entities and no others: a document type declaration is refused, so nothing expands, and nothing is
/// ever fetched. A document that is not well formed is refused with its line.
public final class XMLParser {
    private let file: String
    private let root: StaticString?
    private let limits: MarkupLimits
    private let handler: any MarkupHandler
    private var context: xmlParserCtxtPtr?
    private var depth = 0
    private var failure: ChantalError?
    /// Whether there is a ``failure``: to look at the error itself with each event costs more than the event.
    private var hasFailed = false
    private var isFinished = false

    /// - Parameters:
    ///   - file: what messages call the document.
    ///   - root: the name that its outermost element must have, if it must have one.
    ///   - handler: told of what is read; what it throws ends the reading and is thrown on, with the line.
    public init(
        file: String, root: StaticString? = nil, limits: MarkupLimits = MarkupLimits(), handler: any MarkupHandler
    ) throws {
        self.file = file
        self.root = root
        self.limits = limits
        self.handler = handler
        var events = xmlSAXHandler()
        events.initialized = XML_SAX2_MAGIC
        events.startElementNs = { parser, name, prefix, _, _, _, count, _, attributes in
            guard let name else { return }
            XMLParser.with(parser) { $0.start(MarkupName(name, hasPrefix: prefix != nil), attributes, Int(count)) }
        }
        events.endElementNs = { parser, name, prefix, _ in
            guard let name else { return }
            XMLParser.with(parser) { $0.end(MarkupName(name, hasPrefix: prefix != nil)) }
        }
        events.characters = { parser, text, count in
            XMLParser.with(parser) { $0.characters(UnsafeRawBufferPointer(start: text, count: Int(count))) }
        }
        events.ignorableWhitespace = events.characters
        events.internalSubset = { parser, name, _, _ in XMLParser.with(parser) { $0.refuseType(name) } }
        events.serror = { parser, error in
            guard let error else { return }
            XMLParser.with(parser) { $0.note(error.pointee) }
        }
        let this = Unmanaged.passUnretained(self).toOpaque()
        guard let context = xmlCreatePushParserCtxt(&events, this, nil, 0, nil) else {
            throw ChantalError(.io, "no memory to read '\(file)'")
        }
        self.context = context
        // Attribute values come with the predefined entities replaced only with NOENT; there are no others to replace.
        let options = XML_PARSE_NOENT.rawValue | XML_PARSE_NONET.rawValue
        xmlCtxtUseOptions(context, Int32(bitPattern: options))
    }

    deinit { xmlFreeParserCtxt(context) }

    /// The line that is being read, from 1.
    public var line: Int { context?.pointee.input.map { Int($0.pointee.line) } ?? 0 }

    /// Takes the next bytes of the document.
    /// - Throws: ``ChantalError`` `malformed`, or what the handler throws; then every later call throws it again.
    public func write(_ chunk: UnsafeRawBufferPointer) throws {
        if let failure { throw failure }
        var rest = chunk
        while !rest.isEmpty {
            // libxml2 counts in 32 bits, and keeps what it is given until it is read.
            let piece = rest.slice(0..<min(rest.count, XMLParser.pieceSize))
            _ = xmlParseChunk(context, piece.assumingMemoryBound(to: CChar.self).baseAddress, Int32(piece.count), 0)
            if let failure { throw failure }
            rest = rest.slice(piece.count..<rest.count)
        }
    }

    private static let pieceSize = 64 << 10

    /// The document has ended.
    /// - Throws: ``ChantalError`` `malformed` if it ended early.
    public func finish() throws {
        if let failure { throw failure }
        if isFinished { return }
        isFinished = true
        let status = xmlParseChunk(context, nil, 0, 1)
        if let failure { throw failure }
        if status != 0, context?.pointee.wellFormed == 0 { throw malformed("it is not well formed") }
    }

    /// Reads a document that is all there.
    public static func parse(
        _ bytes: [UInt8], file: String, root: StaticString? = nil, limits: MarkupLimits = MarkupLimits(),
        handler: any MarkupHandler
    ) throws {
        let parser = try XMLParser(file: file, root: root, limits: limits, handler: handler)
        try bytes.withUnsafeBytes { try parser.write($0) }
        try parser.finish()
    }
}

// MARK: - Events

extension XMLParser {
    @inline(__always)
    private static func with(_ pointer: UnsafeMutableRawPointer?, _ body: (XMLParser) -> Void) {
        // libxml2 hands back what it was given, and is called by methods of this object only: they keep it alive.
        Unmanaged<XMLParser>.fromOpaque(pointer!)._withUnsafeGuaranteedRef(body)
    }

    private func start(
        _ name: MarkupName, _ pointers: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ count: Int
    ) {
        if hasFailed { return }
        if depth == 0, let root, !(name == root) { return fail(wrongRoot(name.text)) }
        depth += 1
        if depth > limits.depth { return fail(malformed("elements lie more than \(limits.depth) deep")) }
        if name.bytes.count > limits.nameSize || count > limits.attributes {
            return fail(malformed("an element has a name or a number of attributes beyond reason"))
        }
        let attributes = MarkupAttributes(xml: pointers, count: count)
        for index in 0..<count where attributes.value(index).count > limits.attributeSize {
            return fail(malformed("an attribute is larger than \(ByteCount.text(Int64(limits.attributeSize)))"))
        }
        do { try handler.startElement(name, attributes) } catch { fail(within(error)) }
    }

    private func end(_ name: MarkupName) {
        if hasFailed { return }
        depth -= 1
        do { try handler.endElement(name) } catch { fail(within(error)) }
    }

    private func characters(_ text: UnsafeRawBufferPointer) {
        if hasFailed { return }
        do { try handler.characters(text) } catch { fail(within(error)) }
    }

    /// The declaration is told before anything that it declares is read.
    private func refuseType(_ name: UnsafePointer<UInt8>?) {
        if hasFailed { return }
        let name = name.map { MarkupName($0).text } ?? ""
        if name.lowercased() == "html" { return fail(wrongRoot(name)) }
        fail(malformed("it has a document type declaration, which may make entities, and is refused"))
    }

    private func note(_ error: xmlError) {
        guard error.level == XML_ERR_FATAL, !hasFailed else { return }
        let reason = error.message.map { String(cString: $0) } ?? "error \(error.code)"
        let shown = reason.split(separator: "\n").first.map(String.init) ?? reason
        fail(
            ChantalError(
                .malformed, "'\(file)' is not well formed XML, line \(error.line): \(shown)",
                hint: "upstream, or something between, has damaged it", path: file))
    }

    /// Keeps the first error; libxml2 then reads no further.
    private func fail(_ error: ChantalError) {
        if hasFailed { return }
        failure = error
        hasFailed = true
        xmlStopParser(context)
    }
}

// MARK: - Errors

extension XMLParser {
    private func malformed(_ reason: String) -> ChantalError {
        ChantalError(.malformed, "'\(file)' is refused, line \(line): \(reason)", path: file)
    }

    private func within(_ error: any Error) -> ChantalError {
        var error = ChantalError.wrap(error)
        // Whoever names a file of its own knows better than this parser.
        if error.path == nil {
            error = error.within("'\(file)', line \(line)")
            error.path = file
        }
        return error
    }

    private func wrongRoot(_ name: String) -> ChantalError {
        let wanted = root.map { "'\($0)'" } ?? "XML"
        if name.lowercased() == "html" {
            return ChantalError(
                .malformed, "'\(file)' is an HTML page, where a document of \(wanted) was expected",
                hint: "a login, a proxy's error or a wrong URL answers with a page: open the URL in a browser",
                path: file)
        }
        return malformed("its outermost element is '\(name)', not \(wanted)")
    }
}
