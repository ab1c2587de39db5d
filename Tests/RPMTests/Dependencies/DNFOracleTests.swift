import Basics
import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

/// Random packages, and dnf itself as the judge.
@Suite("Closures against dnf")
struct DNFOracleTests {
    /// Packages `p0`… that require each other by name, version, provision, file and boolean dependency, and what nobody has.
    private static func packages(seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        func number(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        func chance(_ percent: Int) -> Bool { number(100) < percent }
        let count = 40
        func plain() -> String {
            switch number(10) {
            case 0: return "v\(number(6))"
            case 1: return "/usr/bin/f\(number(8))"
            case 2: return "/usr/share/f\(number(8))"
            case 3:
                return chance(20) ? "gone" : "v\(number(6)) \(["<", "<=", "=", ">=", ">"][number(5)]) \(1 + number(3))"
            case 4: return "p\(number(count)) \([">=", "<=", "="][number(3)]) \(1 + number(2))-1"
            default: return "p\(number(count))"
            }
        }
        func requirement() -> String {
            switch number(12) {
            case 0: return "(\(plain()) or \(plain()))"
            case 1: return "(\(plain()) and \(plain()))"
            case 2: return "(\(plain()) if \(plain()))"
            case 3: return "(\(plain()) if \(plain()) else \(plain()))"
            case 4: return "(v\(number(6)) >= 1 with v\(number(6)))"
            case 5: return "((\(plain()) and \(plain())) or \(plain()))"
            default: return plain()
            }
        }
        return (0..<count).map { package in
            var parts = ["p\(package) \(1 + number(2))-1" + (chance(25) ? " noarch" : "")]
            if chance(75) {
                parts.append("requires: " + (0...number(3)).map { _ in requirement() }.joined(separator: ", "))
            }
            if chance(40) {
                parts.append("provides: v\(number(6))" + (chance(50) ? " = \(1 + number(3))" : ""))
            }
            if chance(30) { parts.append("files: /usr/bin/f\(number(8))") }
            if chance(30) { parts.append("rest: /usr/share/f\(number(8))") }
            return parts.joined(separator: "; ")
        }
    }

    private final class Mirror {
        private let home: TestSupport.TemporaryDirectory
        private let client: DNFClient

        init(_ packages: [String]) throws {
            home = try TestSupport.TemporaryDirectory("oracle")
            try ShortPackages(packages).write(to: home)
            client = try DNFClient([.init("file://\(home.path)")])
        }

        /// What dnf would install; nil if it cannot. There are no files to be fetched.
        func install(_ name: String) throws -> (installed: Int?, said: ProcessResult) {
            let said = try client.run("install", "--downloadonly", "--setopt=install_weak_deps=0", name)
            guard said.stdout.contains("Transaction Summary") else { return (nil, said) }
            let line = said.stdout.split(separator: "\n").first { $0.hasPrefix("Install ") }
            return (line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }, said)
        }
    }

    @Test("whatever dnf installs from all packages, it installs from the closure alone", arguments: 1...3)
    func installs(seed: Int) throws {
        let all = DNFOracleTests.packages(seed: UInt64(seed))
        let universe = ShortPackages(all)
        let whole = try Mirror(all)
        var (installed, more) = (0, 0)
        for package in 0..<12 {
            guard let wanted = try whole.install("p\(package)").installed else { continue }
            let kept = try universe.closedNumbers("p\(package)").sorted().map { all[$0] }
            let answer = try Mirror(kept).install("p\(package)")
            #expect(
                answer.installed != nil, "p\(package), seed \(seed):\n\(kept.joined(separator: "\n"))\n\(answer.said)")
            installed += 1
            more += kept.count - wanted
        }
        print("seed \(seed): \(installed) of 12 installed, \(more) packages more than dnf took")
        #expect(installed > 0)
    }
}
