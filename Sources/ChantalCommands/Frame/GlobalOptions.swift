import Basics
import CommandLineKit
import Terminal

/// The options of every command.
enum GlobalOptions {
    static let config = ValueOption<String>(
        "config", "FILE",
        "the configuration; otherwise $CHANTAL_CONFIG, ./chantal.yaml, $XDG_CONFIG_HOME/chantal/chantal.yaml or "
            + "/etc/chantal/chantal.yaml", completion: .files)
    static let json = Flag("json", "write the result as one JSON object to standard output")
    static let quiet = Flag("quiet", short: "q", "write warnings and errors only, no progress")
    static let verbose = Flag("verbose", short: "v", "say more of what happens, and show what lies below an error")
    static let color = ValueOption<ColorMode>(choice: "color", "when to use colour", default: "auto")

    static let all: [any OptionDeclaring] = [config, json, quiet, verbose, color]

    static func verbosity(_ arguments: ParsedArguments) throws -> Verbosity {
        switch (arguments[quiet], arguments[verbose]) {
        case (true, true):
            throw ChantalError(.usage, "--quiet and --verbose exclude each other", hint: "give one of the two")
        case (true, false): return .quiet
        case (false, true): return .verbose
        case (false, false): return .normal
        }
    }

    /// Whether a command line that cannot be parsed asks for JSON all the same.
    static func asksForJSON(_ words: [String]) -> Bool { words.prefix { $0 != "--" }.contains("--json") }
}
