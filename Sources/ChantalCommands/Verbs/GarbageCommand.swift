import Basics
import CommandLineKit
import Mirroring
import Terminal

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
        let isDryRun = arguments[CommonArguments.dryRun]
        let engine = try context.engine(writing: true)
        let result = GarbageResult(try engine.collectGarbage(dryRun: isDryRun, grace: arguments[grace] ?? 86_400))
        context.show(result) { output in
            let removed = "\(DisplayText.count(result.removedBlobs, "blob")), \(ByteCount.text(result.removedBytes))"
            let kept = "\(DisplayText.count(result.keptBlobs, "blob")), \(ByteCount.text(result.keptBytes))"
            output.line(
                "\(isDryRun ? "would remove" : "removed") \(removed); \(isDryRun ? "would keep" : "kept") \(kept)")
        }
        return .done
    }
}
