import Basics
import Catalog
import Mirroring
import Terminal

/// A package of one repository with what the metadata says of it.
struct DescribedPackage {
    let item: PackageHistory
    /// Nil for what is not described: older versions, and formats that say nothing more.
    let description: PackageDescription?
    /// Nil if nobody asked, or the metadata has none.
    let files: [String]?

    /// Describes the newest version of each repository.
    /// - Parameter anyState: whether packages that the latest state no longer has are described too.
    static func all(
        _ found: [PackageHistory], anyState: Bool, withFiles: Bool, _ engine: Engine, _ output: Output
    ) throws -> [DescribedPackage] {
        var newest: [String: String] = [:]
        for item in found where anyState || item.isCurrent {
            let version = item.package.version
            if let known = newest[item.repository] {
                let order = try engine.ecosystems.type(item.type).compareVersions(known, version)
                if order >= 0 { continue }
            }
            newest[item.repository] = version
        }
        return try found.map { item in
            guard newest[item.repository] == item.package.version, anyState || item.isCurrent else {
                return DescribedPackage(item: item, description: nil, files: nil)
            }
            do {
                let description = try engine.describe(item)
                let files = withFiles ? try description?.files?() : nil
                return DescribedPackage(item: item, description: description, files: files)
            } catch let error as ChantalError where [.missing, .malformed, .mismatch, .tooLarge].contains(error.code) {
                // Where it is can be told all the same.
                output.warning("\(item.repository): '\(item.package.name)' cannot be described: \(error)")
                return DescribedPackage(item: item, description: nil, files: nil)
            }
        }
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("repository", .string(item.repository)), .init("type", .string(item.type)),
        ]
        if case .object(let package) = item.package.listed { members += package }
        return .object(
            members + [
                .init("first_generation", .integer(Int64(item.first))),
                .init("last_generation", .integer(Int64(item.last))), .init("current", .bool(item.isCurrent)),
                .init("described", descriptionJSON),
            ])
    }

    private var descriptionJSON: JSONValue {
        guard let description else { return .null }
        return [
            "license": description.license.json, "homepage": description.homepage.json,
            "description": description.description.json, "source": description.source.json,
            "built_at": description.buildTime.json, "provides": description.provides.json,
            "requires": description.requires.json, "why": description.why.json, "files": files.json,
        ]
    }

    func show(_ output: Output) {
        let row = item.package
        let group = row.group.isEmpty ? "" : " (\(row.group))"
        title(output)
        var lines = [("repository", item.repository + group)]
        if !row.summary.isEmpty { lines.append(("summary", row.summary)) }
        if let description {
            func add(_ name: String, _ value: String?) { if let value { lines.append((name, value)) } }
            add("licence", description.license)
            add("homepage", description.homepage)
            add("source", description.source)
            add("built", description.buildTime?.rfc3339)
        }
        lines += [
            ("path", row.path), ("size", "\(ByteCount.text(row.size)) (\(row.size))"),
            ("sha256", row.digest?.hex ?? "not mirrored"),
            ("generations", "\(item.first) to \(item.last)" + (item.isCurrent ? ", the latest" : ", gone since")),
        ]
        if let description {
            lines += description.provides.map { ("provides", $0) } + description.requires.map { ("requires", $0) }
            lines += description.why.map { ("why", $0) }
        }
        var last = ""
        for (name, value) in lines {
            output.line("  " + DisplayText.padded(name == last ? "" : name, to: 13) + DisplayText.line(value))
            last = name
        }
        if let text = description?.description {
            output.line()
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
                output.line("  " + DisplayText.line(String(line)))
            }
        }
        for file in files ?? [] { output.line("  " + DisplayText.line(file)) }
    }

    func showWhy(_ output: Output) {
        title(output)
        let why = description?.why ?? []
        if why.isEmpty { output.line("  \(item.repository): nothing asks for it but the selection itself") }
        for line in why { output.line("  \(item.repository): " + DisplayText.line(line)) }
    }

    private func title(_ output: Output) {
        let row = item.package
        output.line(output.data.palette.bold(DisplayText.line("\(row.name) \(row.version) \(row.architecture)")))
    }
}
