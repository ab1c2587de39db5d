import Basics
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

/// Random packages, and apt itself as the judge.
@Suite("Closures against apt")
struct AptOracleTests {
    /// Packages `p0`… that depend on each other, on virtual names and on what nobody has, in several versions.
    private static func stanzas(seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
        let count = 40
        func alternative() -> String {
            let isVirtual = chance(15)
            var text = isVirtual ? "v\(number(5))" : chance(6) ? "gone" : "p\(number(count))"
            if !isVirtual, chance(12) { text += ":any" }
            if chance(35) { text += " (\(["<<", "<=", "=", ">=", ">>"][number(5)]) \(1 + number(4)))" }
            return text
        }
        func group() -> String {
            (0...(chance(35) ? 1 + number(2) : 0)).map { _ in alternative() }.joined(separator: " | ")
        }
        var result: [String] = []
        for package in 0..<count {
            for version in 1...(chance(25) ? 3 : 1) {
                var lines = ["p\(package) \(version)", "Filename: pool/p\(package)_\(version).deb", "Size: 1000"]
                lines.append("SHA256: \(String(repeating: "0", count: 64))")
                lines.append("Priority: \(["required", "standard", "optional", "extra"][number(4)])")
                if chance(25) { lines.append("Multi-Arch: \(["same", "foreign", "allowed"][number(3)])") }
                if chance(20) { lines.append("Architecture: all") }
                if chance(60) {
                    lines.append("Depends: \((0...number(3)).map { _ in group() }.joined(separator: ", "))")
                }
                if chance(10) { lines.append("Pre-Depends: \(group())") }
                if chance(25) {
                    lines.append("Provides: v\(number(5))" + (chance(40) ? " (= \(1 + number(4)))" : ""))
                }
                result.append(lines.joined(separator: "; "))
            }
        }
        return result
    }

    private final class Mirror {
        private let home: TestSupport.TemporaryDirectory
        private let client: AptClient

        init(_ stanzas: [String]) throws {
            home = try TestSupport.TemporaryDirectory("oracle")
            try home.write(stanzas.map(ClosureUniverse.stanza).joined(separator: "\n"), to: "Packages")
            let release = try Subprocess.run(["apt-ftparchive", "release", "."], directory: home.path).checked()
            try home.write(release.stdout, to: "Release")
            client = try AptClient(sources: ["deb [trusted=yes] file:\(home.path) ./"])
            try client.update().checked()
        }

        func install(_ name: String) throws -> ProcessResult {
            try client.run("apt-get", "install", "--simulate", "--no-install-recommends", name)
        }
    }

    @Test("whatever apt installs from all packages, it installs from the closure alone", arguments: 1...4)
    func installs(seed: Int) throws {
        let stanzas = AptOracleTests.stanzas(seed: UInt64(seed))
        let universe = ClosureUniverse(indexes: [ClosureUniverse.Index(stanzas: stanzas)])
        let whole = try Mirror(stanzas)
        var installed = 0
        var sizes = 0
        for package in 0..<20 {
            let name = "p\(package)"
            let wanted = try whole.install(name)
            let closed = try universe.closedStanzas(name)
            guard wanted.status == 0 else { continue }
            let answer = try Mirror(closed).install(name)
            #expect(answer.status == 0, "\(name), seed \(seed): \(wanted.stdout)\n\(closed)\n\(answer)")
            installed += 1
            sizes += closed.count - wanted.stdout.split(separator: "\n").filter { $0.hasPrefix("Inst ") }.count
        }
        print("seed \(seed): \(installed) of 20 installed, \(sizes) packages more than apt took")
        #expect(installed > 0)
    }
}
