import Basics
import Testing

@testable import PyPI

@Suite("Requirements files", .enabled(if: Vectors.areThere))
struct RequirementsFileTests {
    private func environment(_ name: String) -> String? { ["MY_VERSION": "1.2.3", "TOKEN": "secret"][name] }

    @Test("every file has the requirements that pip reads in it")
    func files() throws {
        let rows = try Vectors.read("requirements_txt.expected.json", as: [String: Loose].self)
        for (name, expected) in try need(rows["files"]?.members) {
            func read() throws -> [RequirementsFile.Line] {
                try RequirementsFile(name, environment: environment) { try Vectors.bytes("requirements_txt/\($0)") }
                    .lines
            }
            guard let lines = expected.items else {
                #expect(throws: ChantalError(.malformed, ""), "\(name)") { try read() }
                continue
            }
            let found = try read()
            #expect(found.count == lines.count, "\(name)")
            for (line, row) in zip(found, lines) {
                #expect(line.text == row["requirement"]?.string?.trimmed, "\(name)")
                #expect(line.isEditable == row["editable"]?.bool, "\(name)")
                #expect(line.isConstraint == row["constraint"]?.bool, "\(name)")
                let hashes = row["options"]?["hashes"]?["sha256"]?.strings ?? []
                #expect(line.hashes.map(\.hex) == hashes, "\(name)")
                let place = try need(row["line"]?.string)
                #expect(place == "line \(line.number) of \(line.file)" || place == line.file, "\(name)")
            }
        }
    }

    private func read(_ files: [String: String]) throws -> RequirementsFile {
        try RequirementsFile.read("r/a.txt") { path in
            guard let text = files[path] else { throw ChantalError(.notFound, "\(path)") }
            return Array(text.utf8)
        }
    }

    @Test("paths, URLs and editable lines are named, options are told without their values")
    func unusable() throws {
        let text =
            "./x\n-e .\nfoo @ https://u:p@h.invalid/f.whl\nhttps://h.invalid/g.zip\n--pre\n-i https://u:p@h.invalid/\nbar>=1\n"
        let file = try read(["r/a.txt": text])
        #expect(file.unusable.map(\.place) == ["r/a.txt:1", "r/a.txt:2", "r/a.txt:3", "r/a.txt:4"])
        #expect(file.requirements.map(\.requirement.description) == ["bar>=1"] && file.takesPreReleases)
        #expect(file.ignoredOptions.map(\.place) == ["r/a.txt:6"])
        #expect(!"\(file.unusable)\(file.ignoredOptions)".contains("u:p"))
    }

    @Test("files include each other by paths relative to their own, and a loop is refused")
    func nesting() throws {
        let file = try read(["r/a.txt": "-r ../s/b.txt\n-c./c.txt", "s/b.txt": "x", "r/c.txt": "y<2"])
        #expect(file.requirements.map(\.place) == ["s/b.txt:1"] && file.constraints.map(\.place) == ["r/c.txt:1"])
        #expect(throws: ChantalError(.malformed, "")) { try read(["r/a.txt": "-r b.txt", "r/b.txt": "-r a.txt"]) }
        #expect(throws: ChantalError(.malformed, "")) { try read(["r/a.txt": "-r https://h.invalid/r.txt"]) }
        #expect(throws: ChantalError(.notFound, "")) { try read(["r/a.txt": "-r none.txt"]) }
    }

    @Test(
        "what pip refuses is refused, with file and line",
        arguments: ["x\nfoo==\n", "x\n--unknown\n", "x\n-r\n", "x\nfoo --hash=sha256:12\n", "x\n-e 'a\n", "x\n--no\n"])
    func invalid(text: String) {
        let error = #expect(throws: ChantalError.self) { try read(["r/a.txt": text]) }
        #expect(error?.code == .malformed && error?.message.hasPrefix("r/a.txt:2: ") == true, "\(error?.message ?? "")")
    }
}

extension String {
    var trimmed: String { String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
}
