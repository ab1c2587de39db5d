import Basics
import CommandLineKit

/// `chantal init [DIR]`
enum InitCommand {
    private static let directory = Argument(
        "DIR", .optional, "where; the current directory if it is not given", completion: .directories)

    static let command = Command<Context>(
        "init", "write a commented chantal.yaml and make an empty store",
        discussion: """
            Writes DIR/chantal.yaml and makes the store DIR/store. Where a configuration exists already (there, or by \
            --config), it stays as it is, and the store that it names is made. Nothing but this command makes a store: the \
            directory of a disk that is not mounted is never taken for a new one.
            """,
        examples: [
            .init("init /srv/mirror", "a new mirror under /srv/mirror"),
            .init("--config /etc/chantal/chantal.yaml init", "the store of a configuration that is there"),
        ],
        arguments: [directory]
    ) { context, arguments in
        try pending(context)
    }
}
