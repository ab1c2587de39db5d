import CommandLineKit
import Foundation
import Testing

@Suite("Completion")
struct CompletionTests {
    private func words(_ line: String...) -> [String] {
        let found = Sample.program.complete(line) { $0 == "repositories" ? ["debian", "debian@2026-11", "rocky"] : [] }
        return found.candidates.map(\.word) + (found.paths == .none ? [] : ["\(found.paths)"])
    }

    @Test("offers what can stand at the cursor")
    func candidates() {
        #expect(words("") == ["sync", "init", "snapshot"])
        #expect(words("s") == ["sync", "snapshot"])
        #expect(words("-q", "sn") == ["snapshot"])
        #expect(words("snapshot", "") == ["create", "list"])
        #expect(words("sync", "d") == ["debian", "debian@2026-11"])
        #expect(words("sync", "debian", "r") == ["rocky"])
        #expect(words("sync", "debian@") == ["debian@2026-11"])
        #expect(words("sync", "--mode", "") == ["fast", "careful"])
        #expect(words("sync", "--mode=c") == ["--mode=careful"])
        #expect(words("sync", "--m") == ["--mode"])
        #expect(words("sync", "--jobs", "3", "--j") == [])
        #expect(words("sync", "--tag", "a", "--t") == ["--tag"])
        #expect(words("sync", "--", "-") == [])
        #expect(words("--config", "") == ["files"])
        #expect(words("init", "") == ["directories"])
        #expect(words("init", "x", "") == [])
        #expect(words("nonsense", "") == [])
        #expect(words("--v") == ["--version"])
    }

    /// A program `sample` that answers like ``Sample``, and the script of a shell.
    private func directory(_ shell: Shell) throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("chantal-completion-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let program = """
            #!/bin/sh
            echo "$@" >> "$(dirname "$0")/calls"
            [ "$1 $2" = "complete --" ] || exit 1
            shift 2
            case "$*" in
                "sync debian@") printf 'debian@2026-10\\ndebian@2026-11\\n' ;;
                "sync --mode=c") printf -- '--mode=careful\\n' ;;
                "--config "*) echo :files ;;
                "s") printf 'sync\\tbring up to date\\nsnapshot\\tnamed states\\n' ;;
            esac
            """
        try program.write(to: directory.appendingPathComponent("program"), atomically: true, encoding: .utf8)
        // Another test may begin a process just now: were the program open for writing here, that process would hold it
        // open too until its own exec, and the shell's exec of it would fail ("Text file busy", execve(2)).
        _ = try output(directory, "install", "-m", "755", "program", "sample")
        try shell.completionScript(for: "sample").write(
            to: directory.appendingPathComponent("script"), atomically: true, encoding: .utf8)
        try "x".write(to: directory.appendingPathComponent("a file.yaml"), atomically: true, encoding: .utf8)
        return directory
    }

    private func output(_ directory: URL, _ command: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = directory
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = "\(directory.path):\(environment["PATH"] ?? "/usr/bin:/bin")"
        environment["HOME"] = directory.path
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    @Test(
        "bash puts candidates on the line as its word breaks want them",
        arguments: [
            ("sample s", "sync,snapshot,"), ("sample sync debian@", "2026-10,2026-11,"),
            ("sample sync --mode=c", "careful,"),
            ("sample --config a", "a file.yaml,"), ("sample x", ""),
        ])
    func bash(line: String, expected: String) throws {
        let directory = try directory(.bash)
        defer { try? FileManager.default.removeItem(at: directory) }
        let script = """
            source ./script; compopt() { :; }
            COMP_LINE='\(line)'; COMP_POINT=${#COMP_LINE}; _sample; printf '%s,' "${COMPREPLY[@]}" | sed 's/^,$//'
            """
        #expect(try output(directory, "bash", "--norc", "-c", script) == expected)
    }

    @Test("fish offers the candidates with their help")
    func fish() throws {
        let directory = try directory(.fish)
        defer { try? FileManager.default.removeItem(at: directory) }
        #expect(
            try output(directory, "fish", "--no-config", "-c", "source ./script; complete -C 'sample s'")
                == "snapshot\tnamed states\nsync\tbring up to date\n")
        #expect(
            try output(directory, "fish", "--no-config", "-c", "source ./script; complete -C 'sample sync debian@'")
                == "debian@2026-10\ndebian@2026-11\n")
    }

    @Test("zsh completes on a terminal of its own")
    func zsh() throws {
        let directory = try directory(.zsh)
        defer { try? FileManager.default.removeItem(at: directory) }
        let script = #"""
            zmodload zsh/zpty
            zpty z zsh -f -i
            zpty -w z "PS1=; PROMPT=; autoload -Uz compinit; compinit -u -D; source ./script; print READY"
            zpty -r -m z line '*READY*READY*'
            zpty -w -n z $'sample sync --mode=c\t'
            sleep 0.5
            zpty -w -n z $'\nprint DONE\n'
            zpty -r -m z line '*careful*DONE*' && print found
            zpty -d z
            """#
        #expect(try output(directory, "timeout", "20", "zsh", "-f", "-c", script).hasSuffix("found\n"))
    }
}
