import Basics
import CommandLineKit
import Mirroring

/// `chantal repository list`
enum RepositoryListCommand {
    static let command = Command<Context>("list", "show the repositories of the store and of the configuration") {
        context, arguments in
        try show(context)
    }

    static func show(_ context: Context) throws -> ExitStatus {
        let engine = try context.engine(writing: false)
        let rows = try engine.repositoryNames().map { try RepositoryRow($0, engine) }
        context.show(RepositoriesResult(repositories: rows)) {
            $0.table(.repositories(rows), ifEmpty: "there are no repositories; set one up in the configuration")
        }
        return .done
    }
}
