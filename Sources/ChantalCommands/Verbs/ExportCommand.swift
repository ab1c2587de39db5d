import Basics
import CommandLineKit
import FileSystem
import Mirroring
import Terminal

/// `chantal export -o FILE [STATE…]`
enum ExportCommand {
    private static let states = Argument(
        "STATE", .any,
        "REPO (its latest generation), REPO@NAME or REPO@N; otherwise the latest of all and all that has a name",
        completion: .dynamic(CommonArguments.Words.states))
    private static let file = ValueOption<String>(
        "output", short: "o", "FILE", "the bundle; - for standard output", completion: .files)
    private static let since = ValueOption<String>(
        "since", "BUNDLE-OR-STATE",
        "leave out what the other side has: a bundle it took in, a state, or a file with its `status --json`",
        completion: .files, isRepeatable: true)
    private static let volume = ValueOption<Int64>(
        "volume", "SIZE", "several files of at most this size, as 4GB", parse: OptionValue.size)
    private static let sign = Flag("sign", "sign with the key of the configuration")

    static let command = Command<Context>(
        "export", "write states as a bundle for a store that this one cannot reach",
        discussion: """
            A bundle is a plain tar. It takes along the names of its states: snapshots, and publications that follow or are pinned \
            to them. The same states give the same bytes. With --volume, FILE.tar becomes FILE.1.tar, FILE.2.tar and so on.
            """,
        synopses: ["-o FILE [STATE...] [--since BUNDLE-OR-STATE] [--volume SIZE] [--sign]"],
        examples: [
            .init("export -o /media/disk/all.tar", "everything that has a name"),
            .init("export -o new.tar debian --since last.tar", "what came since another bundle"),
            .init("export -o dvd.tar debian@2026-11 --volume 4480MB --sign", "for discs, signed"),
        ],
        arguments: [states], options: [file, since, volume, sign]
    ) { context, arguments in
        guard let path = arguments[file] else {
            throw ChantalError(.usage, "-o is missing: where does the bundle go?", hint: "chantal export -o FILE")
        }
        if path == "-", context.json || arguments[volume] != nil {
            throw ChantalError(
                .usage, "with -o - standard output is the bundle, and nothing but it",
                hint: "leave out --json and --volume, or name a file")
        }
        var options = ExportOptions()
        options.states = try arguments[states].map { try StateReference($0) }
        options.since = try arguments.all(since).map { try base($0) }
        options.volumeSize = arguments[volume]
        options.signs = arguments[sign]
        let progress = SyncProgress(context.output)
        let engine = try context.engine(writing: true, observer: progress)
        progress.board.begin("export")
        defer { progress.board.close() }
        let report = try write(engine, options, path, BundleProgress("export", progress.board))
        progress.board.end("export")
        if path == "-" {
            context.output.note(summary(report))
        } else {
            context.show(ExportResult(report: report)) { output in
                for volume in report.volumes { output.line("\(volume.name)  \(ByteCount.text(volume.bytes))") }
                output.note(summary(report))
            }
        }
        return .done
    }

    private static func write(_ engine: Engine, _ options: ExportOptions, _ path: String, _ progress: BundleProgress)
        throws -> ExportReport
    {
        if path == "-" {
            var stream = BundleStream()
            return try engine.export(options, to: &stream, progress: progress.advance)
        }
        var files = BundleFiles(path)
        return try engine.export(options, to: &files, progress: progress.advance)
    }

    private static func summary(_ report: ExportReport) -> String {
        let states = report.states.map { "\($0.repository)@\($0.snapshots.first ?? String($0.generation))" }
        let base = report.bases.isEmpty ? "" : ", builds on \(report.bases.joined(separator: ", "))"
        return "exported \(DisplayText.count(report.blobs, "file")), \(ByteCount.text(report.bytes)), of "
            + "\(states.joined(separator: ", "))\(base)"
    }

    /// A file if there is one of that name, else a state.
    private static func base(_ text: String) throws -> ExportOptions.Base {
        let first: UInt8?
        do { first = try firstByte(of: text) } catch let error as ChantalError where error.code == .notFound {
            if let state = try? StateReference(text) { return .state(state) }
            throw error
        }
        guard first == UInt8(ascii: "{") else { return .bundle(path: text) }
        return .manifests(try ReceiverStatus.manifests(try File.readAll(text, limit: 64 << 20), name: text))
    }

    /// Nil for an empty file.
    private static func firstByte(of path: String) throws -> UInt8? {
        let file = try FileDescriptor.open(path: path)
        var first: UInt8 = 0
        return try withUnsafeMutableBytes(of: &first) { try file.read(into: $0) } == 1 ? first : nil
    }
}

/// Passes the progress of a bundle on to a board.
final class BundleProgress {
    private let task: String
    private let board: any ProgressReporter
    private var isExpected = false

    init(_ task: String, _ board: any ProgressReporter) {
        self.task = task
        self.board = board
    }

    func advance(_ files: Int, _ bytes: Int64, _ total: (files: Int, bytes: Int64)) {
        if !isExpected { board.expect(task, files: total.files, bytes: total.bytes) }
        isExpected = true
        board.advance(task, files: files, bytes: bytes)
    }
}
