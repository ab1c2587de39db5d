/// A table while its file is read.
final class TOMLTable {
    enum Value {
        /// A value that is complete: inline tables and arrays too.
        case node(TOMLNode)
        case table(TOMLTable)
        /// What `[[key]]` makes; never empty.
        case tables([TOMLTable])
    }

    let line: Int
    let column: Int
    /// The header in whose part it was defined; nil while it only leads to other tables.
    var definedIn: Int?
    private(set) var keys: [String] = []
    private var values: [String: Value] = [:]

    init(line: Int, column: Int, definedIn: Int?) {
        self.line = line
        self.column = column
        self.definedIn = definedIn
    }

    subscript(key: String) -> Value? { values[key] }

    func add(_ key: String, _ value: Value) {
        if values.updateValue(value, forKey: key) == nil { keys.append(key) }
    }

    /// The value with everything below it.
    func node() -> TOMLNode {
        let entries = keys.compactMap { key -> TOMLEntry? in
            switch values[key] {
            case .node(let node): TOMLEntry(key: key, value: node)
            case .table(let table): TOMLEntry(key: key, value: table.node())
            case .tables(let tables):
                TOMLEntry(
                    key: key,
                    value: TOMLNode(
                        .array(tables.map { $0.node() }), line: tables[0].line, column: tables[0].column))
            case nil: nil
            }
        }
        return TOMLNode(.table(entries), line: line, column: column)
    }
}
