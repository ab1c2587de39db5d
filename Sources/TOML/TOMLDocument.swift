import Basics

/// Reads TOML 1.0.0.
public enum TOMLDocument {
    /// Arrays and tables within each other, and parts of a dotted key.
    public static let depthLimit = 64

    /// - Parameters:
    ///   - bytes: UTF-8, with or without a byte order mark.
    ///   - file: its name in messages.
    /// - Returns: the root table.
    /// - Throws: ``ChantalError`` `malformed`, `FILE:LINE:COLUMN: …`, for what is no TOML and beyond the limit.
    public static func parse(_ bytes: [UInt8], file: String) throws -> TOMLNode {
        try bytes.withUnsafeBytes { bytes in
            var parser = TOMLParser(scanner: TOMLScanner(bytes, file: file))
            return try parser.document()
        }
    }
}

/// Puts keys and values where headers say.
struct TOMLParser {
    private var scanner: TOMLScanner
    private let root = TOMLTable(line: 1, column: 1, definedIn: 0)
    private var current: TOMLTable
    /// Number of the header in whose part we are.
    private var part = 0

    init(scanner: TOMLScanner) {
        self.scanner = scanner
        current = root
    }

    mutating func document() throws -> TOMLNode {
        try scanner.checkText()
        while try scanner.skipToContent() {
            if scanner.peek("[") {
                try header()
            } else {
                try pair(into: current)
            }
            try scanner.endOfLine()
        }
        return root.node()
    }

    private mutating func header() throws {
        part += 1
        let start = scanner.position
        let isArray = scanner.take("[[")
        if !isArray { _ = scanner.take("[") }
        scanner.skipBlanks()
        let path = try scanner.key()
        guard scanner.take(isArray ? "]]" : "]") else { throw scanner.error("the header is not closed") }
        let (line, column) = scanner.place(of: start)
        var table = root
        for key in path.dropLast() {
            switch table[key] {
            case .table(let next): table = next
            case .tables(let tables): table = tables[tables.count - 1]
            case .node: throw scanner.error("'\(key)' has a value already and cannot become a table", at: start)
            case nil:
                let next = TOMLTable(line: line, column: column, definedIn: nil)
                table.add(key, .table(next))
                table = next
            }
        }
        guard let last = path.last else { return }
        let new = TOMLTable(line: line, column: column, definedIn: part)
        switch (table[last], isArray) {
        case (nil, false): table.add(last, .table(new))
        case (nil, true): table.add(last, .tables([new]))
        case (.tables(let tables), true): table.add(last, .tables(tables + [new]))
        case (.table(let old), false) where old.definedIn == nil:
            old.definedIn = part
            current = old
            return
        default:
            throw scanner.error("'\(last)' is defined already", at: start, hint: "a table has one header")
        }
        current = new
    }

    /// `key = value`
    private mutating func pair(into target: TOMLTable) throws {
        let start = scanner.position
        let path = try scanner.key()
        guard scanner.take("=") else { throw scanner.error("'=' is missing after the key") }
        scanner.skipBlanks()
        let place = scanner.place(of: start)
        var table = target
        for key in path.dropLast() {
            switch table[key] {
            case .table(let next):
                guard next.definedIn == nil || next.definedIn == part else {
                    throw scanner.error("the table '\(key)' is defined elsewhere", at: start)
                }
                next.definedIn = part
                table = next
            case nil:
                let next = TOMLTable(line: place.line, column: place.column, definedIn: part)
                table.add(key, .table(next))
                table = next
            default: throw scanner.error("'\(key)' has a value already and cannot become a table", at: start)
            }
        }
        guard let last = path.last else { return }
        guard table[last] == nil else { throw scanner.error("the key '\(last)' stands here twice", at: start) }
        table.add(last, .node(try value()))
    }

    private mutating func value() throws -> TOMLNode {
        let place = scanner.place(of: scanner.position)
        guard scanner.peek("[") || scanner.peek("{") else {
            return TOMLNode(try scanner.scalar(), line: place.line, column: place.column)
        }
        guard scanner.outerDepth < TOMLDocument.depthLimit else {
            throw scanner.error("nested deeper than \(TOMLDocument.depthLimit) levels")
        }
        scanner.outerDepth += 1
        defer { scanner.outerDepth -= 1 }
        if scanner.take("[") { return TOMLNode(.array(try items()), line: place.line, column: place.column) }
        _ = scanner.take("{")
        return try inlineTable(place.line, place.column)
    }

    private mutating func items() throws -> [TOMLNode] {
        var items: [TOMLNode] = []
        while true {
            guard try scanner.skipToContent() else { throw scanner.error("the array is not closed") }
            if scanner.take("]") { return items }
            items.append(try value())
            guard try scanner.skipToContent() else { throw scanner.error("the array is not closed") }
            if scanner.take("]") { return items }
            guard scanner.take(",") else { throw scanner.error("a comma or ']' is missing") }
        }
    }

    /// On one line, without a comma at its end.
    private mutating func inlineTable(_ line: Int, _ column: Int) throws -> TOMLNode {
        let table = TOMLTable(line: line, column: column, definedIn: nil)
        scanner.skipBlanks()
        if scanner.take("}") { return table.node() }
        // Its dotted keys may add to tables of this one alone.
        let outer = part
        part = -scanner.position
        defer { part = outer }
        while true {
            scanner.skipBlanks()
            try pair(into: table)
            scanner.skipBlanks()
            if scanner.take("}") { return table.node() }
            guard scanner.take(",") else { throw scanner.error("a comma or '}' is missing") }
        }
    }
}
