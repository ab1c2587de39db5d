/// Rows under a header, in aligned columns.
public struct Table: Sendable {
    public struct Column: Sendable {
        public let title: String
        /// Numbers and sizes stand at the right edge.
        public let isRight: Bool

        public init(_ title: String, right: Bool = false) {
            self.title = title
            isRight = right
        }
    }

    public let columns: [Column]
    public private(set) var rows: [[Cell]] = []

    /// A text with the emphasis it gets on a terminal.
    public struct Cell: Sendable, ExpressibleByStringInterpolation {
        public let text: String
        public let style: (@Sendable (Palette, String) -> String)?

        public init(_ text: String, style: (@Sendable (Palette, String) -> String)? = nil) {
            self.text = DisplayText.line(text)
            self.style = style
        }

        public init(stringLiteral value: String) { self.init(value) }
    }

    public init(_ columns: [Column]) { self.columns = columns }

    /// - Parameter cells: one a column; missing ones are empty.
    public mutating func add(_ cells: [Cell]) {
        rows.append(cells + Array(repeating: Cell(""), count: max(0, columns.count - cells.count)))
    }

    /// The table as text, with a line end at each row: two spaces between columns, no space at line ends. On a terminal the last
    /// column is cut at the edge; elsewhere nothing is cut.
    public func text(for stream: OutputStream) -> String {
        let limit = stream.isTerminal ? stream.size().columns : nil
        var widths = columns.map { DisplayText.width($0.title) }
        for row in rows {
            for index in widths.indices { widths[index] = max(widths[index], DisplayText.width(row[index].text)) }
        }
        let header = columns.map { Cell($0.title.uppercased(), style: { $0.bold($1) }) }
        return ([header] + rows).map { line($0, widths, stream, limit) }.joined()
    }

    private func line(_ row: [Cell], _ widths: [Int], _ stream: OutputStream, _ limit: Int?) -> String {
        var result = ""
        var used = 0
        let last = row.lastIndex { !$0.text.isEmpty } ?? 0
        for index in widths.indices.prefix(last + 1) {
            var text = row[index].text
            let isLast = index == widths.count - 1
            if isLast, let limit { text = DisplayText.cut(text, to: max(8, limit - used)) }
            let fill = String(repeating: " ", count: max(0, widths[index] - DisplayText.width(text)))
            let styled = row[index].style?(stream.palette, text) ?? text
            if columns[index].isRight {
                result += fill + styled
            } else {
                result += styled + (index == last ? "" : fill)
            }
            if index != last { result += "  " }
            used += widths[index] + 2
        }
        return result + "\n"
    }
}
