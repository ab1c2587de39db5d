import Basics
import Catalog
import Terminal

/// Search hits by name: who has it, in which versions.
struct SearchAcross {
    private struct Group {
        let name: String
        let summary: String
        var hits: [SearchHit]
    }

    private var groups: [Group] = []

    /// The order of names is that of their best hits.
    init(_ hits: [SearchHit]) {
        var places: [String: Int] = [:]
        for hit in hits {
            if let place = places[hit.name] {
                groups[place].hits.append(hit)
            } else {
                places[hit.name] = groups.count
                groups.append(Group(name: hit.name, summary: hit.summary, hits: [hit]))
            }
        }
    }

    func show(_ context: Context) {
        let packages = groups.map { group -> JSONValue in
            [
                "name": .string(group.name), "summary": .string(group.summary),
                "found": .array(
                    group.hits.map { hit in
                        [
                            "repository": .string(hit.repository), "type": .string(hit.type),
                            "version": .string(hit.version), "architecture": .string(hit.architecture),
                            "digest": hit.digest.json,
                        ]
                    }),
            ]
        }
        context.show(PackagesResult(packages: packages)) { output in
            var table = Table([.init("package"), .init("found in"), .init("summary")])
            for group in groups {
                table.add([.init(group.name, style: { $0.bold($1) }), .init(places(group)), .init(group.summary)])
            }
            output.table(table, ifEmpty: "no package matches")
        }
    }

    /// `debian 1.22.1-9, epel9 1.20.1`
    private func places(_ group: Group) -> String {
        var seen: Set<String> = []
        return group.hits.map { "\($0.repository) \($0.version)" }.filter { seen.insert($0).inserted }
            .joined(separator: ", ")
    }
}
