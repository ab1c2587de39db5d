import Basics
import Mirroring
import Terminal

/// `search --across NAME`: what one piece of software is called in each ecosystem.
struct SearchAcross {
    /// One name in one repository, with all its versions and architectures.
    private struct Place {
        var best: SoftwareSearch.Found
        var versions: [String]
    }

    private var places: [Place] = []

    /// - Parameter found: the likeliest first within each type.
    init(_ found: [SoftwareSearch.Found]) {
        var known: [String: Int] = [:]
        for item in found {
            let key = "\(item.package.repository) \(item.package.package.name)"
            let version = item.package.package.version
            if let place = known[key] {
                if !places[place].versions.contains(version) { places[place].versions.append(version) }
            } else {
                known[key] = places.count
                places.append(Place(best: item, versions: [version]))
            }
        }
    }

    func show(_ context: Context) {
        let parts = SoftwareName.Part.allCases.compactMap { part -> JSONValue? in
            let mine = places.filter { $0.best.part == part }
            guard !mine.isEmpty else { return nil }
            return ["part": .string(part.rawValue), "found": .array(mine.map { json($0) })]
        }
        context.show(SoftwareResult(software: parts)) { output in
            var table = Table([
                .init("part"), .init("type"), .init("package"), .init("repository"), .init("versions"), .init("by"),
            ])
            for part in SoftwareName.Part.allCases {
                for place in places where place.best.part == part {
                    let package = place.best.package
                    table.add([
                        .init(part.rawValue), .init(package.type),
                        .init(package.package.name, style: { $0.bold($1) }), .init(package.repository),
                        .init(place.versions.joined(separator: ", ")),
                        .init(place.best.evidence.map(\.rawValue).joined(separator: ", ")),
                    ])
                }
            }
            output.table(table, ifEmpty: "no package is known by that name")
        }
    }

    private func json(_ place: Place) -> JSONValue {
        guard case .object(let members) = place.best.json else { return .null }
        return .object(members + [.init("versions", .array(place.versions.map { .string($0) }))])
    }
}

extension SoftwareSearch.Found {
    /// The package's name and where it is, without its version.
    var json: JSONValue {
        [
            "repository": .string(package.repository), "type": .string(package.type),
            "name": .string(package.package.name), "summary": .string(package.package.summary),
            "by": .array(evidence.map { .string($0.rawValue) }),
        ]
    }
}
