import Basics
import CommandLineKit
import Mirroring

/// `chantal unpublish NAME`
enum UnpublishCommand {
    private static let name = Argument(
        "NAME", .one, "the publication, as prod/debian", completion: .dynamic(CommonArguments.Words.publications))

    static let command = Command<Context>(
        "unpublish", "stop serving a name",
        discussion: "The states stay. The next sync publishes a repository's own name anew.", arguments: [name]
    ) { context, arguments in
        let name = try arguments.required(name)
        try context.engine(writing: true).unpublish(name)
        context.show(UnpublishResult(name: name)) { $0.note("\(name) is no longer served") }
        return .done
    }
}
