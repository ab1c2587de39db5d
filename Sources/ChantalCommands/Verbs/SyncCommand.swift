import Basics
import CommandLineKit

/// `chantal sync [REPO…]`
enum SyncCommand {
    private static let full = Flag("full", "ask upstream for everything anew, whatever it says has not changed")
    private static let jobs = ValueOption(
        "jobs", short: "j", "N", "how many repositories are synced at once", default: "4",
        parse: OptionValue.number(1...64))
    private static let snapshot = ValueOption<String>(
        "snapshot", "NAME", "name the state of each repository afterwards; {date} stands for today (UTC)")
    private static let acceptRemovals = Flag(
        "accept-removals", "take over a change that was held back because it removes a large part of a repository")

    static let command = Command<Context>(
        "sync", "bring repositories up to date and publish them",
        discussion: """
            A sync that ends well commits one new generation, or none if nothing has changed, and moves every publication that \
            follows the repository. One that does not end well leaves the last generation in force; what was fetched and \
            verified is kept for the next one.

            With --dry-run nothing is committed; what would be fetched is shown in files and bytes.

            Exit status 1 if one repository failed (the others are still synced), 75 if one is being synced by another \
            process and nothing else failed.
            """,
        examples: [
            .init("sync", "all repositories"),
            .init("sync debian --snapshot {date}", "one repository, its state kept as debian@2026-11-21"),
        ],
        arguments: [CommonArguments.repositories],
        options: [CommonArguments.dryRun, full, jobs, snapshot, acceptRemovals]
    ) { context, arguments in
        try pending(context)
    }
}
