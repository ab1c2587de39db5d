import Basics
import Catalog
import CommandLineKit
import Mirroring
import Terminal

/// `chantal show PACKAGE`
enum ShowCommand {
    private static let package = Argument("PACKAGE", .one, "the name of a package, in full")

    static let command = Command<Context>(
        "show", "show a package in every repository, version and generation that has it", arguments: [package]
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let name = try arguments.required(package)
        let found = try engine.openCatalogForReading().history(ofPackage: name, repository: nil)
        guard !found.isEmpty else {
            throw ChantalError(.notFound, "no repository has a package '\(name)'", hint: "chantal search \(name)")
        }
        context.show(PackagesResult(packages: found.map(json))) { output in
            for (index, item) in found.enumerated() {
                if index > 0 { output.line() }
                show(item, output)
            }
        }
        return .done
    }

    private static func json(_ item: PackageHistory) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("repository", .string(item.repository)), .init("type", .string(item.type)),
        ]
        if case .object(let package) = item.package.listed { members += package }
        return .object(
            members + [
                .init("first_generation", .integer(Int64(item.first))),
                .init("last_generation", .integer(Int64(item.last))), .init("current", .bool(item.isCurrent)),
            ])
    }

    private static func show(_ item: PackageHistory, _ output: Output) {
        let row = item.package
        let group = row.group.isEmpty ? "" : " (\(row.group))"
        output.line(output.data.palette.bold(DisplayText.line("\(row.name) \(row.version) \(row.architecture)")))
        var lines = [("repository", item.repository + group)]
        if !row.summary.isEmpty { lines.append(("summary", row.summary)) }
        lines += [
            ("path", row.path), ("size", "\(ByteCount.text(row.size)) (\(row.size))"),
            ("sha256", row.digest?.hex ?? "not mirrored"),
            ("generations", "\(item.first) to \(item.last)" + (item.isCurrent ? ", the latest" : ", gone since")),
        ]
        for (name, value) in lines { output.line("  " + DisplayText.padded(name, to: 13) + DisplayText.line(value)) }
    }
}
