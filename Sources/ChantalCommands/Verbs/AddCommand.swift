import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal add REPO FILE…`
enum AddCommand {
    static let repository = Argument(
        "REPO", .one, "a hosted repository: one without `upstream`",
        completion: .dynamic(CommonArguments.Words.repositories))
    private static let files = Argument("FILE", .some, "a package", completion: .files)
    private static let force = Flag(
        "force", "let a package take the place of one with the same name, version and architecture and other bytes")
    static let suite = ValueOption<String>(
        "suite", "NAME", "apt: the suite; when adding, by default the first in the configuration")
    static let component = ValueOption<String>(
        "component", "NAME", "apt: the component; when adding, by default the first in the configuration")

    static let command = Command<Context>(
        "add", "add packages to a hosted repository",
        discussion: """
            All files come in as one new generation, or none. What a package is called, needs and holds is read from the file itself. \
            A package that is there already, byte for byte, changes nothing; with other bytes it is an error unless --force is given.

            apt takes .deb, .dsc and .changes: the files that the latter two name are taken from beside them. rpm takes binary and source \
            packages, pypi wheels and source distributions.
            """,
        examples: [
            .init("add ours hello_1.0_amd64.deb", "into the first suite and component"),
            .init("add ours --suite trixie build/*.changes", "whole uploads"),
        ],
        arguments: [repository, files], options: [suite, component, force]
    ) { context, arguments in
        try HostingRun.perform(context, arguments) { engine, section, options in
            var options = options
            options.replaces = arguments[force]
            return try engine.add(arguments[files], to: section, options)
        }
    }
}
