import Basics
import Catalog
import Mirroring
import Terminal

/// The packages that differ between two states.
struct PackageChanges {
    struct Change {
        let from: PackageRow
        let to: PackageRow
    }

    /// What is compared: a package of one name, architecture and place in the repository.
    private struct Key: Hashable {
        let group, name, architecture: String

        init(_ row: PackageRow) {
            group = row.group
            name = row.name
            architecture = row.architecture
        }
    }

    private(set) var added: [PackageRow] = []
    private(set) var removed: [PackageRow] = []
    private(set) var changed: [Change] = []

    /// No change.
    init() {}

    init(_ first: RepositoryState, _ second: RepositoryState, _ catalog: any PackageCatalog) throws {
        let difference = try catalog.difference(first, second)
        let old = Dictionary(grouping: difference.onlyFirst, by: Key.init)
        let new = Dictionary(grouping: difference.onlySecond, by: Key.init)
        // A package of which a state has several versions is not changed but added or removed, version by version.
        let onBothSides = Set(old.keys).intersection(new.keys)
        var versions: [Key: Set<String>] = [:]
        if !onBothSides.isEmpty {
            try catalog.forEachPackage(of: first) { row in
                let key = Key(row)
                if onBothSides.contains(key) { versions[key, default: []].insert(row.version) }
            }
        }
        for (key, rows) in old {
            var rows = rows
            var others = new[key] ?? []
            pairEqualVersions(&rows, &others)
            if rows.count == 1, others.count == 1, versions[key]?.count == 1 {
                changed.append(Change(from: rows[0], to: others[0]))
            } else {
                removed += rows
                added += others
            }
        }
        for (key, rows) in new where old[key] == nil { added += rows }
        added.sort()
        removed.sort()
        changed.sort { $0.to < $1.to }
    }

    /// The same version with other bytes is a change in any case.
    private mutating func pairEqualVersions(_ rows: inout [PackageRow], _ others: inout [PackageRow]) {
        for row in rows {
            guard let place = others.firstIndex(where: { $0.version == row.version }),
                let own = rows.firstIndex(of: row)
            else { continue }
            changed.append(Change(from: row, to: others.remove(at: place)))
            rows.remove(at: own)
        }
    }

    func show(_ context: Context, advisories: [Advisory] = []) {
        let result = DiffResult(
            added: added.map(\.compared), removed: removed.map(\.compared), changed: changed.map(PackageChanges.json),
            advisories: advisories.map(\.compared))
        context.show(result) { output in
            let palette = output.data.palette
            for row in removed { output.line(palette.red("- \(PackageChanges.text(row, row.version))")) }
            for row in added { output.line(palette.green("+ \(PackageChanges.text(row, row.version))")) }
            for change in changed {
                let isSame = change.from.version == change.to.version
                let versions =
                    isSame ? "\(change.to.version) (other bytes)" : "\(change.from.version) -> \(change.to.version)"
                output.line(palette.yellow("~ \(PackageChanges.text(change.to, versions))"))
            }
            for advisory in advisories {
                let grade = [advisory.kind, advisory.severity].filter { !$0.isEmpty }.joined(separator: ", ")
                output.line(
                    palette.bold(DisplayText.line("! \(advisory.id) (\(grade)) \(advisory.title)"))
                        + DisplayText.line(
                            advisory.packages.isEmpty ? "" : ": \(advisory.packages.joined(separator: " "))"))
            }
            output.note("\(added.count) added, \(removed.count) removed, \(changed.count) changed")
        }
    }

    private static func text(_ row: PackageRow, _ version: String) -> String {
        let architecture = row.architecture.isEmpty ? "" : " \(row.architecture)"
        return DisplayText.line("\(row.name) \(version)\(architecture)" + (row.group.isEmpty ? "" : " [\(row.group)]"))
    }

    private static func json(_ change: Change) -> JSONValue {
        let row = change.to
        var members: [JSONValue.Member] = [
            .init("name", .string(row.name)), .init("architecture", .string(row.architecture)),
            .init("group", .string(row.group)), .init("from", .string(change.from.version)),
            .init("to", .string(row.version)),
        ]
        if change.from.version == row.version {
            members += [.init("digest_from", change.from.digest.json), .init("digest_to", row.digest.json)]
        }
        return .object(members)
    }
}
