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
    /// In the order of the file.
    private var entries: [(key: String, value: Value)] = []
    /// Where each key's entry is.
    private var places: [String: Int] = [:]

    init(line: Int, column: Int, definedIn: Int?) {
        self.line = line
        self.column = column
        self.definedIn = definedIn
    }

    subscript(key: String) -> Value? { places[key].map { entries[$0].value } }

    func add(_ key: String, _ value: Value) {
        if let place = places[key] {
            entries[place].value = value
        } else {
            places[key] = entries.count
            entries.append((key, value))
        }
    }

    /// The value with everything below it.
    func node() -> TOMLNode {
        let nodes = entries.map { key, value in
            switch value {
            case .node(let node): TOMLEntry(key: key, value: node)
            case .table(let table): TOMLEntry(key: key, value: table.node())
            case .tables(let tables):
                TOMLEntry(
                    key: key,
                    value: TOMLNode(
                        .array(tables.map { $0.node() }), line: tables[0].line, column: tables[0].column))
            }
        }
        return TOMLNode(.table(nodes), line: line, column: column)
    }
}
