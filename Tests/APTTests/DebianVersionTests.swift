import Basics
import Foundation
import TestSupport
import Testing

@testable import APT

@Suite struct DebianVersionTests {
    /// Runs a shell script that reads the pairs, and gives its lines.
    func shell(_ script: String, input: String) throws -> [Substring] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("versions-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    static func version(_ random: inout SeededGenerator) -> String {
        func part(_ alphabet: [String], _ count: ClosedRange<Int>) -> String {
            (0..<Int.random(in: count, using: &random)).map { _ in alphabet.randomElement(using: &random)! }.joined()
        }
        let pieces = [
            "0", "1", "2", "9", "10", "01", "007", "~", "~~", "a", "b", "Z", "rc", "+", ".", "+b1", "~deb12u1",
        ]
        let epoch = Bool.random(using: &random) ? "" : ["0:", "1:", "2:", "00:", "10:"].randomElement(using: &random)!
        let upstream = "\(Int.random(in: 0...3, using: &random))" + part(pieces + ["-"], 0...4)
        let revision =
            Bool.random(using: &random) ? "" : "-" + "\(Int.random(in: 0...2, using: &random))" + part(pieces, 0...3)
        let text = epoch + upstream + revision
        return text.last == "-" ? text + "0" : text
    }

    @Test("the order is dpkg's, on generated pairs")
    func oracle() throws {
        var random = SeededGenerator.printed("versions")
        var pairs: [(String, String)] = []
        for _ in 0..<1500 {
            let a = DebianVersionTests.version(&random)
            // Half of them differ in one place only: there the order is subtle.
            var b = DebianVersionTests.version(&random)
            if Bool.random(using: &random) {
                b = a
                let extra = ["~", "0", "a", "+", ".", ".0", "-0", "-1"].randomElement(using: &random)!
                b.insert(
                    contentsOf: extra,
                    at: Bool.random(using: &random) ? b.endIndex : b.firstIndex(of: "-") ?? b.endIndex)
            }
            pairs.append((a, b))
        }
        let script = """
            while read -r a b; do
              if dpkg --compare-versions "$a" lt "$b" 2>/dev/null; then echo -1
              elif dpkg --compare-versions "$a" eq "$b" 2>/dev/null; then echo 0
              else echo 1; fi
            done
            """
        let answers = try shell(script, input: pairs.map { "\($0.0) \($0.1)\n" }.joined())
        #expect(answers.count == pairs.count)
        for (pair, answer) in zip(pairs, answers) {
            let a = DebianVersion(pair.0)
            let b = DebianVersion(pair.1)
            let order = a < b ? -1 : a == b ? 0 : 1
            #expect(order == Int(answer), "\(pair.0) against \(pair.1)")
            #expect((b > a ? -1 : b == a ? 0 : 1) == order, "\(pair.1) against \(pair.0)")
        }
    }

    static let table: [(String, String, Int)] = [
        ("1.0~rc1", "1.0", -1), ("1.0", "1.0-0", 0), ("1.0", "1.0-1", -1), ("1:0.1", "2.0", 1), ("1.01", "1.1", 0),
        ("1.0-1~bpo12+1", "1.0-1", -1), ("1.0+b1", "1.0", 1), ("1.0a", "1.0+", -1), ("~", "", -1), ("", "", 0),
        ("0:1", "1", 0), ("00000000000000000000001", "1", 0),
        ("99999999999999999999999", "100000000000000000000000", -1),
        ("1-1-1", "1-1-2", -1), ("1.2.3", "1.2", 1), ("a", "1", 1), ("18446744073709551616:1", "1:1", 1),
    ]

    @Test("edges of the order", arguments: table.indices)
    func edges(index: Int) {
        let (a, b, order) = DebianVersionTests.table[index]
        let (x, y) = (DebianVersion(a), DebianVersion(b))
        #expect((x < y ? -1 : x == y ? 0 : 1) == order)
    }

    @Test("sorting is total on any bytes")
    func total() {
        var random = SeededGenerator.printed("total")
        let all = (0..<60).map { _ in
            DebianVersion(
                (0..<Int.random(in: 0...6, using: &random)).map { _ in
                    Array("01a~-:+. é\u{0}".utf8).randomElement(using: &random)!
                })
        }
        for a in all { for b in all { for c in all where a <= b && b <= c { #expect(a <= c, "\(a) \(b) \(c)") } } }
    }

    static let constraints: [(String, String, Bool)] = [
        (">= 1.18", "1.18", true), (">=1.18", "1.18~rc1", false), ("<< 2.0~", "2.0~~a", true),
        ("<< 2.0~", "2.0~", false),
        (">> 1", "1-0", false), (">> 1", "1-0.1", true), ("= 1.0", "0:1.0-0", true), ("< 2", "2", true),
        ("> 2", "2", true),
        ("<= 2", "2+b1", false), ("  =   1 ", "1", true),
    ]

    @Test("constraints hold as in a Depends field", arguments: constraints.indices)
    func constraint(index: Int) throws {
        let (text, version, holds) = DebianVersionTests.constraints[index]
        #expect(try VersionConstraint(parsing: text).allows(DebianVersion(version)) == holds)
    }

    @Test(
        "what is no constraint is refused, with a hint",
        arguments: ["", "1.0", "== 1", "=> 1", ">= ", ">= a:1", ">= 1 2", ">= 1-", "!= 1", ">= :1", ">= 99999999999:1"])
    func refused(text: String) {
        let error = #expect(throws: ChantalError.self) { try VersionConstraint(parsing: text) }
        #expect(error?.code == .malformed)
        #expect(error?.hint != nil)
    }
}
