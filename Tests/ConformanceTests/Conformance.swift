import TestSupport
import Testing

/// What a mirror of every kind does, seen from outside: the real program, real upstreams, real clients.
enum Conformance {
    /// The ecosystems, one line each.
    static let ecosystems: [any ConformanceUpstream.Type] = [
        DebianConformance.self,
        RPMConformance.self,
        PyPIConformance.self,
    ]

    static var cases: [Case] {
        ecosystems.flatMap { ecosystem in
            claims(of: ecosystem).map { Case(ecosystem: ecosystem.type, claim: $0.claim, check: $0.check) }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let ecosystem: String
        let claim: String
        let check: @Sendable () throws -> Void
        var testDescription: String { "\(ecosystem): \(claim)" }
    }

    private static func claims<Upstream: ConformanceUpstream>(
        of ecosystem: Upstream.Type
    ) -> [(claim: String, check: @Sendable () throws -> Void)] {
        typealias Claims = ConformanceClaims<Upstream>
        return [
            ("the real client reads the mirror", Claims.roundTrip),
            ("the same input gives the same manifest in every store", Claims.sameManifest),
            ("a sync that finds nothing new costs few requests and changes nothing", Claims.noChange),
            ("a new version is a new generation; the one before stays as it was", Claims.change),
            ("a package that upstream withdraws is gone from the next generation", Claims.removal),
            ("a tampered signature is refused, and the last generation stays", Claims.tamperedSignature),
            ("an index with one flipped byte is refused by name", Claims.flippedIndex),
            ("a package with one flipped byte is refused by name", Claims.flippedPackage),
            ("a missing file fails the sync", Claims.missingFails),
            ("on_missing: keep commits the rest and says what is missing", Claims.missingKept),
            ("allow_missing leaves out what it names", Claims.missingAllowed),
            ("a filter keeps what it names; clients trust the user's key alone", Claims.filtered),
            ("the catalog is made again from files, and nothing is found amiss", Claims.rebuilt),
        ]
    }
}

@Suite("Every ecosystem")
struct ConformanceTests {
    @Test("does what the suite claims", arguments: Conformance.cases)
    func claim(_ one: Conformance.Case) throws { try one.check() }
}
