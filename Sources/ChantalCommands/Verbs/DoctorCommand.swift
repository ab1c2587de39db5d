import Basics
import CommandLineKit
import Terminal

/// `chantal doctor`
enum DoctorCommand {
    private static let rebuild = Flag("rebuild", "make the catalog anew from the files of the store")

    static let command = Command<Context>(
        "doctor", "check the machine, the store, the keys and the upstreams, and say what to do",
        discussion: """
            Each upstream is asked as by a dry run of sync: its metadata is read and its signature verified. Blobs are not \
            read: that is what verify does. Exit status 1 if there is a problem.
            """,
        options: [rebuild]
    ) { context, arguments in
        var doctor = Doctor(context)
        try doctor.examine(rebuilding: arguments[rebuild])
        let result = DoctorResult(checks: doctor.checks, rebuilt: doctor.hasRebuilt)
        context.show(result) { output in
            for check in result.checks { show(check, output) }
        }
        return result.checks.contains { $0.outcome == .problem } ? .failed : .done
    }

    private static func show(_ check: DoctorResult.Check, _ output: Output) {
        let palette = output.data.palette
        let word = DisplayText.padded(check.outcome.rawValue, to: 7)
        let styled =
            switch check.outcome {
            case .ok: palette.green(word)
            case .warning: palette.yellow(word)
            case .problem: palette.red(word)
            }
        output.line("\(styled)  \(check.name): \(DisplayText.line(check.message))")
        if let hint = check.hint { output.line("         -> \(DisplayText.line(hint))") }
    }
}
