import Basics
import Mirroring

extension PyPIEcosystem {
    /// A project's page decides its rows: where it is the same, they are.
    public static func packages(
        in state: StateReader, since previous: () throws -> StateReader?, into rows: any PackageSink
    ) throws {
        let index = PublishedIndex(state)
        let previous = try previous()
        for project in try index.projects() {
            let path = IndexPath.json(project.name)
            if let before = previous?.manifest[path], before.digest == state.manifest[path]?.digest {
                try rows.keep(name: project.name.text)
                continue
            }
            guard let page = try index.page(of: project.name) else { continue }
            for file in page.files {
                guard let path = try? IndexPath.file(file.filename, of: project.name) else { continue }
                let name = DistributionFilename(file.filename, of: project.name)
                let entry = state.manifest[path]
                try rows.add(
                    PackageRow(
                        name: project.name.text, version: name?.version.description ?? "",
                        architecture: architecture(file.filename, name), summary: page.summary ?? "",
                        digest: entry?.digest,
                        path: path.description, size: entry?.size ?? file.size ?? 0, homepage: page.homepage ?? ""))
            }
        }
    }

    /// What tells the files of one version apart: a wheel's tags as its name has them, `source`, or the ending of an old format.
    private static func architecture(_ filename: String, _ name: DistributionFilename?) -> String {
        switch name?.kind {
        case .wheel(let wheel):
            let sets = [wheel.pythons, wheel.abis, wheel.platforms].map { $0.joined(separator: ".") }
            let build = wheel.build.map { ["\($0.number)\($0.rest)"] } ?? []
            return (build + sets).joined(separator: "-")
        case .source: return "source"
        default: return filename.lastIndex(of: ".").map { String(filename[filename.index(after: $0)...]) } ?? ""
        }
    }

    public static func compareVersions(_ a: String, _ b: String) -> Int {
        switch (Version(a), Version(b)) {
        case (let x?, let y?): x < y ? -1 : (y < x ? 1 : 0)
        case (_?, nil): 1
        case (nil, _?): -1
        case (nil, nil): a < b ? -1 : (a == b ? 0 : 1)
        }
    }
}
