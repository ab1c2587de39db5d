import Basics
import CommandLineKit
import Mirroring

/// `chantal repository rename OLD NEW`
enum RepositoryRenameCommand {
    private static let old = Argument(
        "OLD", .one, "the repository", completion: .dynamic(CommonArguments.Words.repositories))
    private static let new = Argument("NEW", .one, "its new name: up to 64 of a-z 0-9 . _ -")

    static let command = Command<Context>(
        "rename", "rename a repository with its generations, snapshots and publications",
        discussion: "The configuration is yours: rename it there as well.", arguments: [old, new]
    ) { context, arguments in
        let (old, new) = (try arguments.required(old), try arguments.required(new))
        let engine = try context.engine(writing: true)
        try engine.renameRepository(old, to: new)
        context.show(RepositoryRenameResult(old: old, new: new)) { output in
            output.note("\(old) is \(new) now")
            if engine.configuration[old] != nil {
                output.warning(
                    "\(engine.configuration.path) still calls it \(old): rename it there before the next sync")
            }
        }
        return .done
    }
}
