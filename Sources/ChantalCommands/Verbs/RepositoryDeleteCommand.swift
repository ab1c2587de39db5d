import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal repository delete NAME`
enum RepositoryDeleteCommand {
    private static let name = Argument(
        "NAME", .one, "the repository", completion: .dynamic(CommonArguments.Words.repositories))

    static let command = Command<Context>(
        "delete", "delete a repository with its generations, snapshots and publications",
        discussion: "The space comes back with the next gc.", arguments: [name], options: [CommonArguments.dryRun]
    ) { context, arguments in
        let isDryRun = arguments[CommonArguments.dryRun]
        let engine = try context.engine(writing: !isDryRun)
        let plan = try engine.deleteRepository(try arguments.required(name), dryRun: isDryRun)
        let result = RepositoryDeleteResult(
            repository: plan.repository, generations: plan.generations.count, snapshots: plan.snapshots,
            publications: plan.publications, isDryRun: isDryRun)
        context.show(result) { output in
            output.line(
                "\(isDryRun ? "would delete" : "deleted") \(plan.repository): \(DisplayText.count(plan.generations.count, "generation")), "
                    + "\(DisplayText.count(plan.snapshots.count, "snapshot")), "
                    + DisplayText.count(plan.publications.count, "publication"))
            for name in plan.snapshots { output.line("  snapshot \(plan.repository)@\(name)") }
            for name in plan.publications { output.line("  publication \(name)") }
        }
        return .done
    }
}
