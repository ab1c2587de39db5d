import Basics
import Terminal

/// The status as people read it.
struct StatusText {
    let repositories: [StatusResult.Repository]
    let publications: [PublicationRow]
    let now: Timestamp

    /// How much of what a repository lacks is shown.
    private static let mostLines = 20

    func write(to output: Output) {
        output.table(table, ifEmpty: "there are no repositories; set one up in the configuration")
        for row in repositories {
            if !row.madeOf.isEmpty { output.line("\(row.repository): made of \(row.madeOf.joined(separator: ", "))") }
            for line in row.incomplete.prefix(StatusText.mostLines) {
                output.line("\(row.repository): incomplete: \(DisplayText.line(line))")
            }
            let more = row.incomplete.count - StatusText.mostLines
            if more > 0 { output.line("\(row.repository): incomplete: and \(more) more (--json names all)") }
            for message in messages(row.errors) { output.line("\(row.repository): \(DisplayText.line(message))") }
        }
        if !publications.isEmpty {
            output.line()
            output.write(Table.publications(publications).text(for: output.data))
            for row in publications where !row.isServed {
                output.line("\(row.name): nothing is served under this name (chantal verify --repair)")
            }
        }
    }

    private var table: Table {
        var table = Table([
            .init("repository"), .init("type"), .init("state"), .init("generation", right: true),
            .init("last success"), .init("packages", right: true), .init("size", right: true), .init("verified"),
            .init("expires"),
        ])
        for row in repositories {
            table.add([
                .init(row.repository), .init(row.type ?? ""), state(row.state),
                .init(row.generation.map(String.init) ?? ""),
                .init(row.lastSuccessAt.map { "\(Duration64.text(now - $0)) ago" } ?? "never"),
                .init(row.packages.map(DisplayText.count) ?? ""), .init(row.bytes.map(ByteCount.text) ?? ""),
                .init(row.verified.map { $0 ? "yes" : "no" } ?? ""), expiry(row.expiresAt),
            ])
        }
        return table
    }

    private func state(_ state: String) -> Table.Cell {
        switch state {
        case "changed", "unchanged": .init(state, style: { $0.green($1) })
        case "failed", "interrupted", RepositoryStatus.damaged: .init(state, style: { $0.red($1) })
        default: .init(state, style: { $0.yellow($1) })
        }
    }

    private func expiry(_ time: Timestamp?) -> Table.Cell {
        guard let time else { return "" }
        if time < now { return .init("expired \(time.date)", style: { $0.red($1) }) }
        return .init("in \(Duration64.text(time - now))")
    }

    private func messages(_ errors: JSONValue) -> [String] {
        guard case .array(let errors) = errors else { return [] }
        return errors.compactMap { error in
            guard case .object(let members) = error,
                case .string(let message)? = members.first(where: { $0.name == "message" })?.value
            else { return nil }
            return message
        }
    }
}
