import Basics
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

/// Packages files written by hand, and what is closed over them.
struct ClosureUniverse {
    struct Index {
        var suite: Int32 = 0
        var architecture: String? = "amd64"
        var stanzas: [String]
    }

    var indexes: [Index]
    /// By suite.
    var reserved: [Bool] = [false, false, false]

    /// One index of amd64; stanzas as `name version | Field: value | …`.
    init(_ stanzas: String...) { indexes = [Index(stanzas: stanzas)] }

    init(indexes: [Index]) { self.indexes = indexes }

    static func stanza(_ short: String) -> String {
        let parts = short.split(separator: ";").map { $0.trimming() }
        let words = parts[0].split(separator: " ")
        var lines = ["Package: \(words[0])", "Version: \(words.count > 1 ? String(words[1]) : "1")"]
        if !parts.contains(where: { $0.hasPrefix("Architecture:") }) { lines.append("Architecture: amd64") }
        lines += parts.dropFirst()
        return lines.joined(separator: "\n") + "\n"
    }

    func universe(leaving out: [String] = []) throws -> BinaryUniverse {
        var universe = BinaryUniverse()
        let suites = (indexes.map(\.suite).max() ?? 0) + 1
        for suite in 0..<suites {
            let own = indexes.enumerated().filter { $0.element.suite == suite }
            universe.beginSuite(
                architectures: own.compactMap(\.element.architecture), isReserved: reserved[Int(suite)])
            for (place, index) in own {
                let text = index.stanzas.map(ClosureUniverse.stanza).joined(separator: "\n")
                var scanner = StanzaScanner(file: "Packages")
                func take(_ stanza: Stanza) throws {
                    try universe.add(
                        PackagesStanza(stanza, file: "Packages"),
                        at: StanzaPlace(suite: suite, index: Int32(place), number: Int32(stanza.number)),
                        indexArchitecture: index.architecture)
                }
                try Array(text.utf8).withUnsafeBytes { try scanner.write($0, take) }
                try scanner.finish(take)
            }
        }
        for name in out { Array(name.utf8).withUnsafeBytes { universe.leaveOut($0) } }
        universe.finish()
        return universe
    }

    /// The stanzas of the first index that are selected for the newest version of a package.
    func closedStanzas(_ name: String) throws -> [String] {
        let universe = try universe()
        let versions = universe.packages.filter { universe.names.with($0.name) { $0.text } == name }
        // Versions stand in ascending order.
        let closure = try BinaryClosure([try #require(versions.last).place], BinaryResolver(universe)) {}
        return closure.places.map { indexes[0].stanzas[Int($0.number) - 1] }
    }

    /// What is selected, as `name version` with the architecture of those who see it where that is not amd64, sorted; and what is
    /// told.
    func close(_ roots: String..., leaving out: [String] = []) throws -> (packages: [String], warnings: [String]) {
        let universe = try universe(leaving: out)
        let resolver = BinaryResolver(universe)
        func text(_ package: BinaryUniverse.Package) -> String {
            let architecture = universe.architectures.with(package.architecture) { $0.text }
            let name = universe.names.with(package.name) { $0.text }
            let version = universe.withTexts { universe.version(package, $0).text }
            return "\(name) \(version)" + (architecture == "amd64" ? "" : " \(architecture)")
        }
        let places = universe.packages.filter { package in
            roots.contains(universe.names.with(package.name) { $0.text }) || roots.contains(text(package))
        }.map(\.place)
        let closure = try BinaryClosure(Set(places), resolver) {}
        let kept = Set(closure.places)
        return (
            Set(universe.packages.filter { kept.contains($0.place) }.map(text)).sorted(), closure.warnings
        )
    }
}

extension StringProtocol {
    fileprivate func trimming() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
