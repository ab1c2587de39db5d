import Basics
import ChantalCommands
import Foundation
import Testing

@Suite("The frame of every command")
struct FrameTests {
    @Test("the declarations hold together") func declarations() { #expect(ChantalProgram.program.defects == []) }

    @Test("wrong usage ends with 2 and a hint on standard error")
    func usage() {
        let run = Run("sync", "--dryrun")
        #expect(run.status == 2)
        #expect(run.data == "")
        #expect(run.prose == "error: 'chantal sync' has no option --dryrun\nhint: did you mean --dry-run?\n")
    }

    @Test("with --json an error is one object on standard output, wherever the option stands")
    func jsonError() throws {
        for words in [["--json", "snc"], ["snc", "--json"], ["sync", "--jobs=x", "--json"], ["--json"]] {
            let run = Run(words)
            #expect(run.status == 2)
            #expect(run.prose == "")
            #expect(run.json["format"] as? Int == 1)
            let error = try #require(run.json["error"] as? [String: Any])
            #expect(error["code"] as? String == "usage")
            #expect((error["message"] as? String)?.isEmpty == false)
            #expect(error["hint"] is String)
        }
        #expect(Run("snc", "--", "--json").data == "")
    }

    @Test("--quiet and --verbose exclude each other") func exclusive() {
        #expect(Run("-q", "-v", "status").status == 2)
    }

    @Test("the version stands on standard output")
    func version() {
        #expect(Run("--version").data == "chantal \(ChantalVersion.text)\n")
        #expect(Run("--version", "--json").json["version"] as? String == ChantalVersion.text)
    }

    @Test("help goes to standard output, by option and by command")
    func help() {
        for words in [
            ["help", "snapshot", "create"], ["snapshot", "create", "--help"], ["-h", "snapshot", "create"],
        ] {
            let run = Run(words)
            #expect(run.status == 0)
            #expect(run.prose == "")
            #expect(run.data.hasPrefix("chantal snapshot create: name the states of repositories"))
        }
        #expect(Run("help", "nonsense").status == 2)
        #expect(Run("help", "sync", "more").prose.contains("'chantal sync' has no subcommands"))
        #expect(Run("--color", "always", "help").data.hasPrefix("\u{1b}[1mchantal\u{1b}[0m: "))
    }

    @Test("the words of the design are commands, each with help that fits into 80 columns")
    func commands() throws {
        let names = [
            "init", "sync", "snapshot create", "snapshot list", "snapshot show", "snapshot delete", "snapshot prune",
            "publish",
            "unpublish", "repository list", "repository rename", "repository delete", "diff", "list", "show", "search",
            "status", "stats", "verify", "gc", "config check", "config show", "config schema", "doctor", "completion",
            "map",
            "help",
        ]
        for name in names {
            let run = Run(["help"] + name.split(separator: " ").map(String.init))
            #expect(run.status == 0, "\(name)")
            for line in run.data.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test("docs/cli.md is what the declarations say")
    func reference() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/cli.md"), encoding: .utf8)
        #expect(Run("help", "--markdown").data == page, "run: chantal help --markdown > docs/cli.md")
    }

    @Test("scripts for three shells, no other")
    func completion() {
        for shell in ["bash", "zsh", "fish"] { #expect(Run("completion", shell).data.contains("complete --")) }
        let run = Run("completion", "bahs")
        #expect(run.status == 2)
        #expect(run.prose.contains("did you mean 'bash'?"))
    }

    @Test("completion knows commands and options")
    func candidates() {
        #expect(Run("complete", "--", "sn").data == "snapshot\tname and keep states of repositories\n")
        #expect(Run("complete", "--", "sync", "--dr").data == "--dry-run\tsay what would be done, and do nothing\n")
        #expect(Run("complete", "--", "--config", "").data == ":files\n")
        #expect(Run("complete", "--", "completion", "z").data == "zsh\n")
    }
}
