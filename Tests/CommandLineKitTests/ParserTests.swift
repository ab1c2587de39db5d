import Basics
import CommandLineKit
import Testing

@Suite("A command line")
struct ParserTests {
    private func run(_ words: String...) throws -> (path: [String], arguments: ParsedArguments) {
        guard case .run(_, let path, let arguments) = try Sample.program.parse(words) else {
            throw ChantalError(.bug, "not a run")
        }
        return (path, arguments)
    }

    private func failure(_ words: String...) -> ChantalError? {
        do {
            _ = try Sample.program.parse(words)
            return nil
        } catch { return error as? ChantalError }
    }

    @Test("the declarations hold together") func declarations() { #expect(Sample.program.defects == []) }

    @Test("global options stand before and after the command")
    func globals() throws {
        for words in [["-q", "--config", "x", "sync"], ["sync", "--config=x", "--quiet"], ["sync", "-qcx"]] {
            let arguments = try Sample.program.parse(words).arguments
            #expect(arguments[Sample.quiet])
            #expect(arguments[Sample.config] == "x")
        }
    }

    @Test("values come with a space, an equals sign or right behind the letter")
    func values() throws {
        for words in [["--jobs", "7"], ["--jobs=7"], ["-j7"], ["-j", "7"], ["-nj7"], ["-j=7"]] {
            #expect(try Sample.program.parse(["sync"] + words).arguments[Sample.jobs] == 7)
        }
        #expect(try run("sync", "--mode", "careful").arguments[Sample.mode] == .careful)
        #expect(try run("sync", "--tag", "a", "--tag=b").arguments.all(Sample.tag) == ["a", "b"])
        #expect(try run("sync", "--tag", "--full").arguments[Sample.tag] == "--full")
        #expect(try run("sync", "--tag", "a=b").arguments[Sample.tag] == "a=b")
    }

    @Test("words after -- are no options, and a dash alone is a word")
    func dashes() throws {
        #expect(try run("sync", "--", "-n", "--jobs").arguments[Sample.repositories] == ["-n", "--jobs"])
        #expect(try run("sync", "-").arguments[Sample.repositories] == ["-"])
    }

    @Test("a repeated argument leaves one word to the name behind it")
    func distribution() throws {
        let parsed = try run("snapshot", "create", "a", "b@3", "name")
        #expect(parsed.path == ["snapshot", "create"])
        #expect(parsed.arguments[Sample.states] == ["a", "b@3"])
        #expect(parsed.arguments.first(Sample.name) == "name")
        #expect(failure("snapshot", "create", "a")?.message.contains("needs STATE") == true)
        #expect(failure("snapshot", "create")?.message.contains("needs STATE") == true)
        #expect(failure("init", "a", "b")?.message.contains("no place for 'b'") == true)
    }

    @Test(
        "what is wrong is said, with a near name",
        arguments: [
            (["snc"], "did you mean 'sync'?"), (["sync", "--dry-rn"], "did you mean --dry-run?"),
            (["snapshot", "creat"], "did you mean 'create'?"),
            (["sync", "--mode", "carefull"], "did you mean 'careful'?"),
            (["--dry-run", "sync"], "sample sync --dry-run"), (["secre"], "see 'sample --help'"),
            ([], "see 'sample --help'"),
            (["snapshot"], "see 'sample snapshot --help'"),
        ])
    func suggestions(words: [String], hint: String) {
        #expect { try Sample.program.parse(words) } throws: { error in
            guard let error = error as? ChantalError else { return false }
            return error.code == .usage && error.hint?.contains(hint) == true
        }
    }

    @Test(
        "wrong values and shapes are usage errors",
        arguments: [
            ["sync", "--jobs"], ["sync", "--jobs", "x"], ["sync", "--jobs", "0"],
            ["sync", "--jobs=99999999999999999999"],
            ["sync", "--dry-run=yes"], ["sync", "-x"], ["sync", "--jobs=1", "--jobs=2"],
            ["sync", "--version"], ["sync", "--config", ""], ["sync", "--jobs", "+3"],
        ])
    func wrong(words: [String]) {
        #expect(throws: ChantalError(.usage, "")) { try Sample.program.parse(words) }
    }

    @Test("--help wins wherever it stands, --version only without a command")
    func builtins() throws {
        for words in [["--help", "snapshot"], ["snapshot", "-h"], ["-h", "snapshot", "-q"]] {
            guard case .help(let path, _) = try Sample.program.parse(words) else {
                Issue.record("\(words)")
                continue
            }
            #expect(path == ["snapshot"])
        }
        guard case .version = try Sample.program.parse(["--version"]) else {
            Issue.record("no version")
            return
        }
    }

    @Test("control characters of the command line do not reach the message")
    func control() { #expect(failure("\u{1b}[2J")?.message.contains("\u{1b}") == false) }

    @Test(
        "spans of time",
        arguments: [("30s", 30), ("5m", 300), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600), ("0", 0)])
    func durations(text: String, seconds: Int64) throws { #expect(try OptionValue.duration(text) == seconds) }

    @Test("no spans of time", arguments: ["", "5", "h", "-5m", "1.5h", "99999999999999999w", "5 m"])
    func noDurations(text: String) { #expect(throws: ChantalError(.usage, "")) { try OptionValue.duration(text) } }
}
