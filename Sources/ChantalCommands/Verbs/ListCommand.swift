import Basics
import Catalog
import CommandLineKit
import Mirroring
import Terminal

/// `chantal list [REPO[@NAME]]`
enum ListCommand {
    private static let state = Argument(
        "REPO[@NAME]", .optional, "a state", completion: .dynamic(CommonArguments.Words.states))

    static let command = Command<Context>(
        "list", "show the packages of a state, or all states if none is named",
        examples: [
            .init("list", "every repository with its generations and snapshots"),
            .init("list debian@2026-10", "the packages of a snapshot"),
        ],
        arguments: [state]
    ) { context, arguments in
        guard let name = arguments.first(state) else { return try RepositoryListCommand.show(context) }
        let engine = try context.engine(writing: false)
        let state = try engine.resolve(StateReference(name))
        let catalog = try engine.openCatalogForReading()
        var packages: [PackageRow] = []
        try catalog.forEachPackage(
            of: RepositoryState(repository: state.repository, generation: state.record.number)
        ) { packages.append($0) }
        if context.json {
            context.show(PackageListResult(state: state.name, packages: packages.map(\.listed))) { _ in }
        } else {
            show(packages, context.output)
        }
        return .done
    }

    private static func show(_ packages: [PackageRow], _ output: Output) {
        var table = Table([.init("package"), .init("version"), .init("architecture"), .init("group"), .init("summary")])
        for row in packages {
            table.add([
                .init(row.name), .init(row.version), .init(row.architecture), .init(row.group), .init(row.summary),
            ])
        }
        output.table(table, ifEmpty: "the state holds no packages")
    }
}
