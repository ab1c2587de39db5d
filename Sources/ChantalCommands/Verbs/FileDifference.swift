import Basics
import Store
import Terminal

/// The published files that differ between two manifests.
struct FileDifference {
    private var added: [ManifestEntry] = []
    private var removed: [ManifestEntry] = []
    private var changed: [(from: ManifestEntry, to: ManifestEntry)] = []

    /// Manifests are sorted by path: one pass over both.
    init(_ first: Manifest, _ second: Manifest) {
        var (i, j) = (0, 0)
        let (a, b) = (first.entries, second.entries)
        while i < a.count || j < b.count {
            if j == b.count || i < a.count && a[i].path < b[j].path {
                removed.append(a[i])
                i += 1
            } else if i == a.count || b[j].path < a[i].path {
                added.append(b[j])
                j += 1
            } else {
                if a[i].digest != b[j].digest { changed.append((a[i], b[j])) }
                i += 1
                j += 1
            }
        }
    }

    func show(_ context: Context) {
        let changes = changed.map { change -> JSONValue in
            [
                "path": .string(change.to.path.description), "digest_from": .string(change.from.digest.hex),
                "digest_to": .string(change.to.digest.hex), "size_from": .integer(change.from.size),
                "size_to": .integer(change.to.size),
            ]
        }
        let result = FileDiffResult(added: added.map(\.compared), removed: removed.map(\.compared), changed: changes)
        context.show(result) { output in
            let palette = output.data.palette
            for entry in removed { output.line(palette.red("- \(entry.path)")) }
            for entry in added { output.line(palette.green("+ \(entry.path)")) }
            for change in changed { output.line(palette.yellow("~ \(change.to.path)")) }
            output.note("\(added.count) added, \(removed.count) removed, \(changed.count) changed")
        }
    }
}
