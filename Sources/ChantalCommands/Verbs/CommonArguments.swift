import Basics
import CommandLineKit

/// Arguments that several commands have.
enum CommonArguments {
    static let repositories = Argument(
        "REPO", .any, "a repository; all of them if none is named", completion: .dynamic(Words.repositories))
    static let dryRun = Flag("dry-run", short: "n", "say what would be done, and do nothing")

    /// Kinds of words that completion asks for.
    enum Words {
        static let repositories = "repositories"
        static let snapshots = "snapshots"
        static let states = "states"
        static let publications = "publications"
        static let types = "types"
    }
}
