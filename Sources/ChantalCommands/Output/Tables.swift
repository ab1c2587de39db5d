import Basics
import Terminal

// What several commands show alike.

extension Table {
    static func snapshots(_ rows: [SnapshotRow]) -> Table {
        var table = Table([
            .init("snapshot"), .init("generation", right: true), .init("created"), .init("packages", right: true),
            .init("files", right: true), .init("size", right: true),
        ])
        for row in rows {
            table.add([
                Cell("\(row.repository)@\(row.name)"), Cell(String(row.generation)), Cell(row.createdAt.rfc3339),
                Cell(row.packages.map(DisplayText.count) ?? ""), Cell(row.files.map(DisplayText.count) ?? ""),
                Cell(row.bytes.map(ByteCount.text) ?? ""),
            ])
        }
        return table
    }

    static func publications(_ rows: [PublicationRow]) -> Table {
        var table = Table([.init("publication"), .init("mode"), .init("state"), .init("manifest")])
        for row in rows {
            table.add([
                Cell(row.name), Cell(row.follows.map { "follows \($0)" } ?? "pinned"), Cell(row.state ?? "gone"),
                Cell(String(row.manifest.hex.prefix(12))),
            ])
        }
        return table
    }

    static func repositories(_ rows: [RepositoryRow]) -> Table {
        let hasViews = rows.contains { !$0.memberNames.isEmpty }
        var table = Table(
            [.init("repository"), .init("type")] + (hasViews ? [.init("of")] : [])
                + [.init("generations"), .init("snapshots"), .init("published as")])
        for row in rows {
            let members = hasViews ? [Cell(row.memberNames.joined(separator: " "))] : []
            table.add(
                [Cell(row.repository), Cell(row.type ?? "")] + members + [
                    Cell(
                        row.isConfigured
                            ? row.generations.map(String.init).joined(separator: " ")
                            : row.generations.map(String.init).joined(separator: " ") + " (unconfigured)"),
                    Cell(row.snapshots.joined(separator: " ")), Cell(row.publications.joined(separator: " ")),
                ])
        }
        return table
    }
}

extension Output {
    /// A table as data; nothing, and a note, where there are no rows.
    func table(_ table: Table, ifEmpty note: String) {
        if table.rows.isEmpty { self.note(note) } else { write(table.text(for: data)) }
    }
}
