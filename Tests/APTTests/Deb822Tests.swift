import Basics
import Foundation
import TestSupport
import Testing

@testable import APT

/// Everything a scanner hands out, copied.
struct ScannedStanza: Equatable {
    var raw: String
    var fields: [String]
    var duplicate: String?
    var hasBlankContinuation = false
}

func scan(_ text: [UInt8], chunk: Int = .max, limits: StanzaLimits = .index) throws -> [ScannedStanza] {
    var result: [ScannedStanza] = []
    func take(_ stanza: Stanza) {
        let fields = (0..<stanza.fieldCount).map { "\(stanza.name($0).text)=\(stanza.value($0).text)" }
        result.append(
            ScannedStanza(
                raw: stanza.bytes.text, fields: fields, duplicate: stanza.duplicateName,
                hasBlankContinuation: stanza.hasBlankContinuation))
    }
    var scanner = StanzaScanner(file: "Packages", limits: limits)
    var start = 0
    while start < text.count {
        let end = min(text.count, start + min(chunk, text.count))
        try text[start..<end].withUnsafeBytes { try scanner.write($0, take) }
        start = end
    }
    try scanner.finish(take)
    return result
}

func scan(_ text: String, chunk: Int = .max, limits: StanzaLimits = .index) throws -> [ScannedStanza] {
    try scan(Array(text.utf8), chunk: chunk, limits: limits)
}

/// The first stanza of a text, within the call.
func withStanza<Result>(_ text: [UInt8], _ body: (Stanza) throws -> Result) throws -> Result {
    var result: Result?
    func take(_ stanza: Stanza) throws { if result == nil { result = try body(stanza) } }
    var scanner = StanzaScanner(file: "Packages")
    try text.withUnsafeBytes { try scanner.write($0, take) }
    try scanner.finish(take)
    return try #require(result)
}

func withStanza<Result>(_ text: String, _ body: (Stanza) throws -> Result) throws -> Result {
    try withStanza(Array(text.utf8), body)
}

@Suite struct Deb822Tests {
    static let table: [(name: String, text: String, stanzas: [[String]])] = [
        ("one stanza", "A: 1\nB: 2\n", [["A=1", "B=2"]]),
        ("no line break at the end", "A: 1\nB: 2", [["A=1", "B=2"]]),
        ("two stanzas", "A: 1\n\nA: 2\n", [["A=1"], ["A=2"]]),
        ("several empty lines", "\n\nA: 1\n\n\n\nA: 2\n\n\n", [["A=1"], ["A=2"]]),
        ("continuation", "A: 1\n two\n\tthree\nB: x\n", [["A=1\n two\n\tthree", "B=x"]]),
        ("value on the lines below", "A:\n one\n two\n", [["A=one\n two"]]),
        ("no blank after the colon", "A:1\nB::2\n", [["A=1", "B=:2"]]),
        ("blanks around", "A:  \t1 \t\nB :2\n", [["A=1", "B=2"]]),
        ("empty value", "A:\nB: 2\n", [["A=", "B=2"]]),
        ("CRLF", "A: 1\r\nB: 2\r\n x\r\n\r\nA: 2\r\n", [["A=1", "B=2\r\n x"], ["A=2"]]),
        ("a line of blanks continues", "A: 1\n \nB: 2\n", [["A=1", "B=2"]]),
        ("nothing", "", []),
        ("only empty lines", "\n\r\n\n", []),
    ]

    @Test("stanzas and fields are apt's", arguments: table.indices)
    func stanzas(index: Int) throws {
        let row = Deb822Tests.table[index]
        for chunk in [Int.max, 1, 2, 3, 5, 7] {
            let found = try scan(row.text, chunk: chunk)
            #expect(found.map(\.fields) == row.stanzas, "\(row.name), chunks of \(chunk)")
        }
    }

    @Test("a stanza's bytes are those of the file, invalid UTF-8 included")
    func rawBytes() throws {
        var text = Array("Package: x\nMaintainer: ".utf8)
        text += [0xff, 0xfe, 0xc3, 0x28]
        text += Array("\n".utf8)
        let raw = try withStanza(text + [0x0a] + text) { Array($0.bytes) }
        #expect(raw == text)
        let value = try withStanza(text) { Array($0[FieldName("maintainer")] ?? .init(start: nil, count: 0)) }
        #expect(value == [0xff, 0xfe, 0xc3, 0x28])
    }

    @Test("lookup does not mind the case of letters")
    func lookup() throws {
        let found = try withStanza("PaCkAgE: x\nX-Foo: y\n") {
            ($0[.package]?.text, $0[FieldName("x-foo")]?.text, $0[.version] == nil)
        }
        #expect(found == ("x", "y", true))
    }

    @Test("a field that stands twice is noticed, whatever its case")
    func duplicates() throws {
        #expect(try scan("A: 1\nB: 2\na: 3\n").first?.duplicate == "a")
        #expect(try scan("A: 1\nB: 2\nC: 3\n").first?.duplicate == nil)
        #expect(try withStanza("A: 1\nSize: 2\nSIZE: 3\n") { $0.repeats(.size) && !$0.repeats(.package) })
        let many = (0..<900).map { "Field-\($0): \($0)\n" }.joined()
        #expect(try scan(many).first?.duplicate == nil)
        #expect(try scan(many + "field-17: again\n").first?.duplicate == "field-17")
    }

    @Test(
        "structure is strict",
        arguments: [
            "no colon\n", "A: 1\nno colon\n", " continuation first\n", "# comment\nA: 1\n", "A: 1\n# comment\n",
            "-A: 1\n", ": no name\n", "A: 1\n\n\tx\n", "A\u{7f}B: 1\n", "<html><body>404</body>\n", "A: 1\n\n<html>\n",
        ])
    func strict(text: String) throws {
        for chunk in [Int.max, 1] {
            let error = #expect(throws: ChantalError.self) { try scan(text, chunk: chunk) }
            #expect(error?.code == .malformed)
            #expect(error?.message.contains("Packages") == true)
        }
    }

    @Test("a stanza, a field, a number of fields beyond the limits are refused, by the name of the file")
    func limits() throws {
        let limits = StanzaLimits(stanza: 1000, field: 200, fields: 10)
        let tooMany = (0..<11).map { "F\($0): x\n" }.joined()
        let tooLong = "A: " + String(repeating: "x", count: 300) + "\n"
        let tooManyLines = "A:\n" + String(repeating: " xxxxxxxxx\n", count: 30)
        let tooLarge = (0..<9).map { "F\($0): " + String(repeating: "x", count: 150) + "\n" }.joined()
        let endless = "A: " + String(repeating: "x", count: 5000)
        for text in [tooMany, tooLong, tooManyLines, tooLarge, endless] {
            for chunk in [Int.max, 1, 64] {
                let error = #expect(throws: ChantalError.self) { try scan(text, chunk: chunk, limits: limits) }
                #expect(error?.code == .tooLarge)
                #expect(error?.path == "Packages")
            }
        }
    }

    @Test("random texts give the same stanzas in chunks of any size")
    func chunks() throws {
        var random = SeededGenerator.printed("chunks")
        for _ in 0..<300 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                let line = ["A: x", "Bcd: yy zz", " more", "", "\r", "E:", " ", "Fgh: \r", "\tz"].randomElement(
                    using: &random)!
                text += Array(line.utf8) + [0x0a]
            }
            let whole = Result { try scan(text) }
            let parts = Result { try scan(text, chunk: Int.random(in: 1...30, using: &random)) }
            switch (whole, parts) {
            case (.success(let a), .success(let b)): #expect(a == b, "\(String(decoding: text, as: UTF8.self))")
            case (.failure, .failure): break
            default: Issue.record("\(String(decoding: text, as: UTF8.self)): \(whole) and \(parts)")
            }
        }
    }
}

@Suite struct RealIndexTests {
    /// The indices that apt holds on this machine, if any, and one that is made.
    static func packages() throws -> [(name: String, bytes: [UInt8])] {
        var result = [("generated", generated(stanzas: 2000))]
        let lists = URL(fileURLWithPath: "/var/lib/apt/lists")
        for file in try FileManager.default.contentsOfDirectory(at: lists, includingPropertiesForKeys: nil)
        where file.lastPathComponent.contains("_Packages") {
            result.append((file.lastPathComponent, try output("/usr/lib/apt/apt-helper", ["cat-file", file.path])))
        }
        return result
    }

    static func output(_ tool: String, _ arguments: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(tool) \(arguments)")
        return Array(data)
    }

    static func generated(stanzas: Int) -> [UInt8] {
        var text: [UInt8] = []
        for number in 0..<stanzas {
            let hash = String(repeating: Hex.string([UInt8(number & 0xff)]), count: 32)
            text += Array(
                """
                Package: package-\(number)
                Version: 1.\(number)-1
                Architecture: amd64
                Description: package number \(number)
                Filename: pool/main/p/package-\(number)/package-\(number)_1.\(number)-1_amd64.deb
                Size: \(number)
                SHA256: \(hash)


                """.utf8)
        }
        return text
    }

    @Test("every package of every index on this machine is read, and written back byte for byte")
    func real() throws {
        for (name, bytes) in try RealIndexTests.packages() {
            var count = 0
            var writer = StanzaWriter()
            func take(_ stanza: Stanza) throws {
                count += 1
                let package = PackagesStanza(stanza, file: name)
                let file = try package.packageFile()
                #expect(try !package.name.isEmpty && DebianVersion.defect(package.version) == nil)
                writer.append(stanza, replacing: (FieldName.filename, file.path))
            }
            var scanner = StanzaScanner(file: name)
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + 65_536)
                try bytes[start..<end].withUnsafeBytes { try scanner.write($0, take) }
                start = end
            }
            try scanner.finish(take)
            #expect(writer.bytes == bytes, "\(name)")
            var names = 0
            bytes.withUnsafeBytes {
                $0.forEachLine { if $0.count > 9, $0.slice(0..<9).equals("Package: ") { names += 1 } }
            }
            #expect(count == names, "\(name)")
        }
    }

    @Test("every InRelease on this machine has the structure that is asked for, and is read")
    func releases() throws {
        let lists = URL(fileURLWithPath: "/var/lib/apt/lists")
        for file in try FileManager.default.contentsOfDirectory(at: lists, includingPropertiesForKeys: nil)
        where file.lastPathComponent.hasSuffix("InRelease") {
            let bytes = Array(try Data(contentsOf: file))
            try Clearsign.check(bytes, file: file.lastPathComponent)
            let text = String(decoding: bytes, as: UTF8.self)
            let start = try #require(text.range(of: "\n\n")).upperBound
            let end = try #require(text.range(of: "-----BEGIN PGP SIGNATURE-----")).lowerBound
            let read = try release(String(text[start..<end]))
            #expect(read.entries.count > 10 && !read.isWeak && read.date != nil && !read.components.isEmpty)
            var choices = IndexChoices()
            choices.components = ["main"]
            choices.architectures = ["amd64"]
            let selection = IndexSelection(read, choices, isFlat: false)
            #expect(selection.unknownComponents.isEmpty && selection.unknownArchitectures.isEmpty)
            #expect(selection.indexes.contains { $0.plain.description == "main/binary-amd64/Packages" })
            #expect(selection.indexes.allSatisfy { ($0.component ?? "main") == "main" })
        }
    }
}
