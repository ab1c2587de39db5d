import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal import-tree REPO DIR`
enum ImportTreeCommand {
    private static let repository = Argument(
        "REPO", .one, "a repository of the configuration that has an upstream",
        completion: .dynamic(CommonArguments.Words.repositories))
    private static let directory = Argument("DIR", .one, "what another tool has mirrored", completion: .files)
    private static let link = Flag(
        "link", "let files be names of the store's own, read-only: nothing may write to them any more")

    static let command = Command<Context>(
        "import-tree", "take over what another tool has mirrored",
        discussion: """
            Every file below DIR (of apt-mirror, debmirror, aptly, reposync, bandersnatch or any other) comes into the store by its \
            content; names and metadata there mean nothing. The next sync fetches what is missing, verifies all, and makes the first \
            generation. Until a sync ends well, gc takes nothing of what came in. DIR is only read; it can be given again.
            """,
        examples: [.init("import-tree debian /srv/apt-mirror/mirror", "before the first sync")],
        arguments: [repository, directory], options: [link]
    ) { context, arguments in
        let name = try arguments.required(repository)
        let progress = SyncProgress(context.output)
        let engine = try context.engine(writing: true, observer: progress)
        if let section = engine.configuration[name] { try requireUpstream(section) }
        progress.board.begin(name)
        defer { progress.board.close() }
        let report = try engine.takeOver(
            try arguments.required(directory), for: name, linking: arguments[link],
            progress: BundleProgress(name, progress.board).advance)
        progress.board.end(name)
        context.show(TakeoverResult(report: report)) { output in
            output.line(
                "\(name): \(DisplayText.count(report.files, "file")), \(ByteCount.text(report.bytes)); new "
                    + "\(DisplayText.count(report.newFiles, "blob")), \(ByteCount.text(report.newBytes))")
            output.note("chantal sync \(name) fetches what is missing")
        }
        return .done
    }

    /// What came in is of use to a sync that fetches.
    private static func requireUpstream(_ section: RepositorySection) throws {
        if section.isHosted {
            throw ChantalError(
                .usage, "'\(section.name)' is a hosted repository: no sync would look for what a tree has",
                hint: "chantal add \(section.name) FILE... adds the packages")
        }
        if section.isView {
            throw ChantalError(
                .usage, "'\(section.name)' is a view: it holds what its members hold",
                hint: "take the tree over for one of them: \(section.members.joined(separator: ", "))")
        }
    }
}
