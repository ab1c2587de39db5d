import Basics
import TestSupport
import Testing

@testable import RPM

@Suite struct EVRTests {
    private func sign(_ value: Int) -> Int { value.signum() }
    private func order(_ a: String, _ b: String) -> Int { sign(RPMEcosystem.compareVersions(a, b)) }

    @Test("rpm's own vectors hold", .enabled(if: Fixtures.arePresent))
    func vectors() throws {
        let lines = try Files.text(Fixtures.path("rpm/rpmvercmp.tsv")).split(separator: "\n").filter {
            !$0.hasPrefix("#")
        }
        #expect(lines.count == 91)
        for line in lines {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let found = fields[0].utf8.withContiguousStorageIfAvailable { x in
                fields[1].utf8.withContiguousStorageIfAvailable { y in
                    sign(RPMVersion.order(UnsafeRawBufferPointer(x), UnsafeRawBufferPointer(y)))
                }
            }
            #expect(found == Int(fields[2]), "\(line)")
        }
    }

    /// Small random versions, so that many differ in one place only.
    private func version(_ generator: inout SeededGenerator) -> String {
        let pieces = ["0", "1", "2", "10", "01", "a", "b", "rc", ".", ".", "~", "^", "_", "+"]
        func text(_ count: Int) -> String {
            (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
        }
        var result = "1" + text(Int.random(in: 0...3, using: &generator))
        if Bool.random(using: &generator) { result = "\(Int.random(in: 0...2, using: &generator)):\(result)" }
        if Bool.random(using: &generator) { result += "-1" + text(Int.random(in: 0...2, using: &generator)) }
        return result
    }

    @Test("10,000 pairs of versions are ordered as librpm orders them")
    func againstLibrpm() throws {
        var generator = SeededGenerator(seed: 20_261_121)
        let pairs = (0..<10_000).map { _ in (version(&generator), version(&generator)) }
        let home = try TemporaryDirectory("evr")
        let list = try home.write(pairs.map { "\($0.0)\t\($0.1)\n" }.joined(), to: "pairs")
        let script =
            "%{lua: for line in io.lines(\"\(list)\") do local a, b = line:match(\"(%S+)\\t(%S+)\"); print(rpm.vercmp(a, b) .. \"\\n\") end}"
        let answers = try Subprocess.run(["rpm", "--eval", script]).checked().stdout.split(separator: "\n")
        #expect(answers.count == pairs.count)
        for (pair, answer) in zip(pairs, answers) {
            #expect(order(pair.0, pair.1) == Int(answer), "\(pair)")
            #expect(order(pair.1, pair.0) == Int(answer).map { -$0 }, "\(pair)")
        }
    }

    @Test("a constraint without a release takes every release; epochs count")
    func constraints() throws {
        func allows(_ constraint: String, _ version: String) throws -> Bool {
            try VersionConstraint(parsing: constraint).allows(EVR(version))
        }
        #expect(try allows("= 1.20", "1.20-3.el9"))
        #expect(try allows(">=1.20", "1:1.0-1"))
        #expect(try !allows("< 1.20", "1.20-1"))
        #expect(try allows("<= 1.20", "1.20-1"))
        #expect(try allows("== 1.20-1", "0:1.20-1"))
        #expect(try !allows("> 1.20-1", "1.20-1"))
        #expect(try allows("< 2.0", "2.0~rc1-1"))
        #expect(try allows("> 2.0", "2.0^git1-1"))
        for text in ["1.0", "~ 1", ">= ", "=> 1", ">= \u{e4}"] {
            #expect(throws: ChantalError(.malformed, ""), "\(text)") { try VersionConstraint(parsing: text) }
        }
    }

    @Test("an epoch of zero is not written, another one is")
    func rendering() {
        #expect(EVR(epoch: "0".utf8, version: "1.0".utf8, release: "1".utf8).description == "1.0-1")
        #expect(EVR(epoch: "".utf8, version: "1.0".utf8, release: "1".utf8).description == "1.0-1")
        #expect(EVR(epoch: "2".utf8, version: "1.0".utf8, release: "1".utf8).description == "2:1.0-1")
    }
}
