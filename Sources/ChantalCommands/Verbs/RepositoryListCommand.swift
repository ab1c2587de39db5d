import CommandLineKit

/// `chantal repository list`
enum RepositoryListCommand {
    static let command = Command<Context>("list", "show the repositories of the store and of the configuration") {
        context, arguments in
        try pending(context)
    }
}
