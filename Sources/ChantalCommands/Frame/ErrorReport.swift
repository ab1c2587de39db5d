import Basics
import Terminal

/// Shows the error that ended a command.
struct ErrorReport {
    let error: ChantalError
    /// The repository concerned, where several are worked on.
    var about: String?

    /// The message with its causes on one line, or as a tree with `--verbose`; then what to do about it.
    func say(to output: Output) {
        if output.verbosity == .verbose {
            output.error(prefix + lines(of: error, indent: 0).joined(separator: "\n"))
        } else {
            output.error(prefix + DisplayText.line(error.description))
        }
        if let hint = ErrorReport.hint(error) {
            output.say(output.prose.palette.cyan("hint:") + " " + DisplayText.line(hint))
        }
    }

    private var prefix: String { about.map { "\($0): " } ?? "" }

    /// The hint nearest to the top.
    static func hint(_ error: ChantalError) -> String? {
        error.hint ?? (error.cause as? ChantalError).flatMap { hint($0) }
    }

    private func lines(of error: any Error, indent: Int) -> [String] {
        let margin = indent == 0 ? "" : String(repeating: "  ", count: indent) + "because: "
        guard let error = error as? ChantalError else { return [margin + DisplayText.line("\(error)")] }
        var text = margin + DisplayText.line(error.message) + " [\(error.code.rawValue)]"
        let inner = String(repeating: "  ", count: indent + 2)
        for (name, value) in [("file", error.path), ("url", error.url)] {
            guard let value, !error.message.contains(value) else { continue }
            text += "\n\(inner)\(name): \(DisplayText.line(value))"
        }
        return [text] + (error.cause.map { lines(of: $0, indent: indent + 1) } ?? [])
    }
}
