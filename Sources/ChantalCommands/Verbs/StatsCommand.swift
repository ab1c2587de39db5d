import CommandLineKit

/// `chantal stats`
enum StatsCommand {
    static let command = Command<Context>(
        "stats", "show how much the store holds and what sharing saves",
        discussion: """
            Logical bytes are what all kept generations would take if each had its own copy. The own bytes of a repository \
            are those that no other one shares.
            """
    ) { context, arguments in
        try pending(context)
    }
}
