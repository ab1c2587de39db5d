import Basics

/// Reads a file that holds one YAML document (YAML 1.1 as libyaml reads it, without tags and merge keys).
public enum YAMLDocument {
    /// Mappings and sequences within each other.
    public static let depthLimit = 64
    /// Nodes that aliases may add to those that are written out.
    public static let aliasLimit = 100_000

    /// - Parameters:
    ///   - bytes: UTF-8, with or without a byte order mark.
    ///   - file: its name in messages.
    /// - Returns: nil if there is nothing but comments.
    /// - Throws: ``ChantalError`` `config`, `FILE:LINE:COLUMN: …`, for what is no YAML, invalid UTF-8, a second document, a
    ///   duplicate key, a key that is no text, tags, merge keys, unknown aliases, and beyond the limits.
    public static func parse(_ bytes: [UInt8], file: String) throws -> YAMLNode? {
        var text = bytes[...]
        if text.starts(with: [0xff, 0xfe]) || text.starts(with: [0xfe, 0xff]) {
            throw ChantalError.yaml(file, 1, 1, "the file is UTF-16", hint: "save it as UTF-8")
        }
        if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
        if let bad = firstInvalidByte(text) {
            let place = SourcePosition(offset: bad, in: text)
            throw ChantalError.yaml(file, place.line, place.column, "the file is not valid UTF-8")
        }
        var composer = Composer(reader: try EventReader(text, file: file))
        return try composer.document()
    }

    /// The offset of the first byte that is not UTF-8 (RFC 3629), or nil.
    private static func firstInvalidByte(_ bytes: ArraySlice<UInt8>) -> Int? {
        if String(validating: bytes, as: UTF8.self) != nil { return nil }
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): offset += scalar.count
            case .error: return offset
            case .emptyInput: return nil
            }
        }
    }
}

/// Builds the tree from the events.
private struct Composer {
    let reader: EventReader
    var anchors: [String: YAMLNode] = [:]
    /// Anchors of nodes that are not complete yet: an alias to one would make a loop.
    var open: Set<String> = []
    var aliased = 0

    init(reader: EventReader) { self.reader = reader }

    mutating func document() throws -> YAMLNode? {
        var root: YAMLNode?
        var documents = 0
        while true {
            let event = try reader.next()
            switch event.kind {
            case .streamEnd: return root
            case .streamStart, .documentEnd: continue
            case .documentStart:
                documents += 1
                if documents > 1 { throw error(event, "a second document ('---') in one file") }
            default: root = try node(event, depth: 0)
            }
        }
    }

    private func error(_ event: YAMLEvent, _ message: String, hint: String? = nil) -> ChantalError {
        .yaml(reader.file, event.line, event.column, message, hint: hint)
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws -> YAMLNode {
        if depth > YAMLDocument.depthLimit {
            throw error(event, "nested deeper than \(YAMLDocument.depthLimit) levels")
        }
        switch event.kind {
        case .scalar(let text, let isPlain, let anchor, let tag):
            try refuse(tag, event)
            return named(anchor, YAMLNode(.scalar(text: text, isPlain: isPlain), event, weight: 1))
        case .sequenceStart(let anchor, let tag):
            try refuse(tag, event)
            if let anchor { open.insert(anchor) }
            return named(anchor, try sequence(event, depth: depth))
        case .mappingStart(let anchor, let tag):
            try refuse(tag, event)
            if let anchor { open.insert(anchor) }
            return named(anchor, try mapping(event, depth: depth))
        case .alias(let name): return try alias(name, event)
        default: throw error(event, "not readable as YAML")
        }
    }

    private func refuse(_ tag: String?, _ event: YAMLEvent) throws {
        if let tag {
            throw error(event, "the tag '\(tag)' has no place here", hint: "remove it: a key's type is known")
        }
    }

    private mutating func named(_ anchor: String?, _ node: YAMLNode) -> YAMLNode {
        if let anchor {
            anchors[anchor] = node
            open.remove(anchor)
        }
        return node
    }

    private mutating func alias(_ name: String, _ event: YAMLEvent) throws -> YAMLNode {
        if open.contains(name) { throw error(event, "the alias '*\(name)' stands within what it names") }
        guard let node = anchors[name] else { throw error(event, "the alias '*\(name)' names nothing above it") }
        aliased += node.weight
        if aliased > YAMLDocument.aliasLimit {
            throw error(event, "aliases stand for more than \(YAMLDocument.aliasLimit) values")
        }
        return node
    }

    private mutating func sequence(_ start: YAMLEvent, depth: Int) throws -> YAMLNode {
        var items: [YAMLNode] = []
        while true {
            let event = try reader.next()
            if case .sequenceEnd = event.kind { break }
            items.append(try node(event, depth: depth + 1))
        }
        return YAMLNode(.sequence(items), start, weight: items.reduce(1) { $0 + $1.weight })
    }

    private mutating func mapping(_ start: YAMLEvent, depth: Int) throws -> YAMLNode {
        var entries: [YAMLEntry] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try reader.next()
            if case .mappingEnd = event.kind { break }
            guard case .scalar(let key, let isPlain, _, _) = event.kind else {
                throw error(event, "a key has to be text")
            }
            _ = try node(event, depth: depth + 1)
            if isPlain, key == "<<" {
                throw error(event, "merge keys ('<<') are not supported", hint: "write the keys out")
            }
            if let first = lines.updateValue(event.line, forKey: key) {
                throw error(event, "the key '\(key)' stands here twice (first on line \(first))")
            }
            let value = try node(try reader.next(), depth: depth + 1)
            entries.append(YAMLEntry(key: key, line: event.line, column: event.column, value: value))
        }
        return YAMLNode(.mapping(entries), start, weight: entries.reduce(1) { $0 + 1 + $1.value.weight })
    }
}

extension YAMLNode {
    fileprivate convenience init(_ content: Content, _ event: YAMLEvent, weight: Int) {
        self.init(content, line: event.line, column: event.column, weight: weight)
    }
}
