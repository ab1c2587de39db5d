import CommandLineKit

/// `chantal config …`
enum ConfigCommand {
    static let command = Command<Context>(
        "config", "check and show the configuration",
        subcommands: [
            Command("check", "read the configuration and say what is wrong with it") { context, _ in
                try pending(context)
            },
            Command(
                "show", "show the configuration in force",
                discussion: "Included files are merged, variables replaced, defaults filled in; secrets are not shown."
            ) { context, _ in try pending(context) },
            Command("schema", "write the JSON Schema of the configuration, for editors") { context, _ in
                try pending(context)
            },
        ])
}
