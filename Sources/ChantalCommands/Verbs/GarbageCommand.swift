import Basics
import CommandLineKit

/// `chantal gc`
enum GarbageCommand {
    private static let grace = ValueOption(
        "grace", "SPAN", "leave alone what is younger than this, as 12h or 3d", default: "1d",
        parse: OptionValue.duration)

    static let command = Command<Context>(
        "gc", "remove what no generation, snapshot, publication or running sync needs",
        discussion: """
            Before it sweeps, generations without a name beyond those that `retention` keeps are forgotten. Syncs may run \
            meanwhile: what they count on is safe, whatever the grace.
            """,
        options: [CommonArguments.dryRun, grace]
    ) { context, arguments in
        try pending(context)
    }
}
