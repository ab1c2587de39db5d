import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal import FILE…`
enum ImportCommand {
    private static let files = Argument(
        "FILE", .some, "the bundle, all its volumes in any order; - for standard input", completion: .files)
    private static let verifyOnly = Flag(
        "verify-only", "check all of it against itself and this store, and change nothing")
    private static let force = Flag("force", "replace snapshots and publications of this store that have its names")
    private static let keyring = ValueOption<String>(
        "keyring", "FILE",
        "refuse the bundle unless a key of this file signed it; otherwise `bundle_keyring` of the configuration",
        completion: .files,
        isRepeatable: true)

    static let command = Command<Context>(
        "import", "take in a bundle that another store has written",
        discussion: """
            All of it is verified before anything is visible. A bundle that is damaged, incomplete, unsigned where a signature is \
            asked for, or builds on what this store does not have is refused: exit status 3, and nothing is changed. Interrupted at \
            any moment, the command can be given again.

            States keep their names; the numbers of generations are this store's own. Repositories need no entry in the \
            configuration. Publications serve what they serve where the bundle comes from.
            """,
        synopses: ["FILE... [--verify-only] [--force] [--keyring FILE]"],
        examples: [
            .init("import /media/disk/all.tar", "take it in"),
            .init("import dvd.1.tar dvd.2.tar --keyring ours.gpg", "two volumes, signed"),
        ],
        arguments: [files], options: [verifyOnly, force, keyring]
    ) { context, arguments in
        let names = arguments[files]
        guard names.count(where: { $0 == "-" }) <= 1 else {
            throw ChantalError(.usage, "standard input is named twice", hint: "it holds one volume")
        }
        var options = ImportOptions()
        options.verifiesOnly = arguments[verifyOnly]
        options.forces = arguments[force]
        let progress = SyncProgress(context.output)
        let engine = try context.engine(writing: !options.verifiesOnly, observer: progress)
        let keyrings = arguments.all(keyring)
        options.keyrings = keyrings.isEmpty ? engine.configuration.bundleKeyring : keyrings
        let inputs = try names.map {
            try $0 == "-" ? BundleInput.standardInput(context.cancellation) : BundleInput.file($0)
        }
        progress.board.begin("import")
        defer { progress.board.close() }
        let report = try engine.importBundle(
            inputs, options, progress: BundleProgress("import", progress.board).advance)
        progress.board.end("import")
        for warning in report.warnings { context.output.warning(warning) }
        if report.isSigned, report.signers.isEmpty {
            context.output.warning("the bundle is signed, but no keyring says by whom it may be: nothing was checked")
        }
        context.show(ImportResult(report: report, isVerifyOnly: options.verifiesOnly)) { output in
            show(report, options, output)
        }
        return .done
    }

    private static func show(_ report: ImportReport, _ options: ImportOptions, _ output: Output) {
        if options.verifiesOnly {
            return output.line(
                "the bundle is good: \(DisplayText.count(report.blobs, "file")), \(ByteCount.text(report.bytes)), "
                    + "of which this store lacks \(DisplayText.count(report.newBlobs, "file")), \(ByteCount.text(report.newBytes))"
            )
        }
        for repository in report.repositories {
            let generation = repository.generation.map { "@\($0)" } ?? ""
            let names = repository.snapshots.isEmpty ? "" : "  (\(repository.snapshots.joined(separator: ", ")))"
            output.line(
                "\(repository.repository)\(generation)  \(repository.isChanged ? "changed" : "unchanged")\(names)")
        }
        output.note(
            "imported \(DisplayText.count(report.newBlobs, "file")), \(ByteCount.text(report.newBytes)); "
                + "\(DisplayText.count(report.blobs - report.newBlobs, "file")) were there")
    }
}
