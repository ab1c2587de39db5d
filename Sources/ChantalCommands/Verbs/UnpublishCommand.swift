import Basics
import CommandLineKit
import Mirroring

/// `chantal unpublish NAME`
enum UnpublishCommand {
    private static let name = Argument(
        "NAME", .one, "the publication, as prod/debian", completion: .dynamic(CommonArguments.Words.publications))

    static let command = Command<Context>(
        "unpublish", "stop serving a name",
        discussion: "The states stay. A repository's own name is published as long as the repository exists.",
        arguments: [name]
    ) { context, arguments in
        let name = try arguments.required(name)
        try context.engine(writing: true).unpublish(name)
        context.show(UnpublishResult(name: name)) { $0.note("\(name) is no longer served") }
        return .done
    }
}
