import CommandLineKit

/// `chantal status`
enum StatusCommand {
    static let command = Command<Context>(
        "status", "show how each repository stands and what is published",
        discussion: """
            The state of a repository is that of its last sync: changed, unchanged, partial, held, failed, interrupted, \
            running; never if there was none; unconfigured if the configuration has it no more.
            """
    ) { context, arguments in
        try pending(context)
    }
}
