import CommandLineKit

/// `chantal show PACKAGE`
enum ShowCommand {
    private static let package = Argument("PACKAGE", .one, "the name of a package, in full")

    static let command = Command<Context>(
        "show", "show a package in every repository, version and generation that has it", arguments: [package]
    ) { context, arguments in
        try pending(context)
    }
}
