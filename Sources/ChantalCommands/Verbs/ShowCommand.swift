import Basics
import Catalog
import CommandLineKit
import Mirroring
import Terminal

/// `chantal show PACKAGE`
enum ShowCommand {
    private static let package = Argument("PACKAGE", .one, "the name of a package, in full")
    private static let repository = ValueOption<String>(
        "repo", "REPO", "only of this repository", completion: .dynamic(CommonArguments.Words.repositories))
    private static let version = ValueOption<String>(
        "package-version", "VERSION", "describe this version, not the newest")
    private static let files = Flag("files", "name the files that it installs, where the metadata does")
    private static let why = Flag("why", "tell only why a repository holds it: which requirement asks for it")

    static let command = Command<Context>(
        "show", "show a package in every repository, version and generation that has it",
        discussion: """
            The newest version of each repository's latest state, or the one asked for, is described from the metadata that \
            clients read: licence, homepage, what it provides and requires, as far as the format has it.
            """,
        examples: [
            .init("show nginx", "where it is, and what it is"),
            .init("show nginx --repo debian --files", "what it installs"),
        ],
        arguments: [package], options: [repository, version, files, why]
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let name = try arguments.required(package)
        let repository = arguments[repository]
        let found = try engine.openCatalogForReading().history(ofPackage: name, repository: repository).filter {
            arguments[version] == nil || $0.package.version == arguments[version]
        }
        guard !found.isEmpty else {
            let place = repository.map { "the repository '\($0)' has no" } ?? "no repository has a"
            let what = arguments[version].map { "'\(name)' of version \($0)" } ?? "'\(name)'"
            throw ChantalError(.notFound, "\(place) package \(what)", hint: "chantal search \(name)")
        }
        let described = try DescribedPackage.all(
            found, anyState: arguments[version] != nil, withFiles: arguments[files], engine, context.output)
        context.show(PackagesResult(packages: described.map(\.json))) { output in
            for (index, item) in described.enumerated() {
                if index > 0 { output.line() }
                if arguments[why] { item.showWhy(output) } else { item.show(output) }
            }
        }
        return .done
    }
}
