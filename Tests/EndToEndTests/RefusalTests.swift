import Basics
import Foundation
import TestSupport
import Testing

/// What upstream may do wrong, and what becomes of the mirror.
enum Wrong: String, CaseIterable, CustomTestStringConvertible {
    case tamperedInRelease, flippedIndex, flippedPackage, expiredKey, strangerKey, missingPackage, validUntil,
        futureDate
    case missingIndices, truncatedIndex, noUpstream

    var testDescription: String { rawValue }

    static let index = "dists/stable/main/binary-amd64/Packages.xz"
    static let package = "pool/main/g/gamma/gamma_1.0-1_amd64.deb"

    /// What the error says: the file, and the reason.
    var says: [String] {
        switch self {
        case .tamperedInRelease: ["dists/stable/InRelease", "signature"]
        case .flippedIndex, .truncatedIndex: [Wrong.index, "mismatch"]
        case .flippedPackage: [Wrong.package, "mismatch"]
        case .expiredKey: ["dists/stable/InRelease", "expired"]
        case .strangerKey: ["dists/stable/InRelease", "signature"]
        case .missingPackage: [Wrong.package, "missing"]
        case .validUntil: ["dists/stable/InRelease", "Valid-Until"]
        case .futureDate: ["dists/stable/InRelease", "future"]
        case .missingIndices: ["dists/stable/main/binary-amd64/Packages", "missing"]
        case .noUpstream: ["InRelease", "network"]
        }
    }
}

@Suite("Refusals, from outside")
struct RefusalTests {
    /// Adds gamma in the way that is wrong; gives what repairs it, if publishing anew does not.
    private func doWrong(_ wrong: Wrong, _ site: MirrorSite) throws {
        let upstream = site.upstream
        if wrong == .expiredKey {
            // A signature made now by a key that had expired.
            let now = Int64(Date().timeIntervalSince1970)
            let key = try upstream.gpg.makeKey("Old", expires: "1d", at: Timestamp(seconds: now - 10 * 86_400))
            let keyring = upstream.gpg
            let both = try keyring.exportPublic(upstream.key, key)
            site.section[2] = "keyring: \(try site.home.write(both, to: "both.asc"))"
            try site.configure()
            try upstream.change {
                $0.signers = [key]
                $0.signedAt = Timestamp(seconds: now - 9 * 86_400 - 3600)
            }
        }
        if wrong == .strangerKey {
            let key = try upstream.gpg.makeKey("Stranger")
            try upstream.change { $0.signers = [key] }
        }
        try site.add("gamma")
        switch wrong {
        case .tamperedInRelease: try upstream.corrupt("dists/stable/InRelease", at: 150)
        case .flippedIndex: try upstream.corrupt(Wrong.index, at: 50)
        case .truncatedIndex: try upstream.truncate(Wrong.index, by: 1)
        case .flippedPackage: try upstream.corrupt(Wrong.package, at: -1)
        case .missingPackage: try upstream.lose(Wrong.package)
        case .validUntil: try upstream.expire()
        case .futureDate: try upstream.setDate(secondsFromNow: 7200)
        case .missingIndices:
            for ending in ["", ".gz", ".xz"] { try upstream.lose("dists/stable/main/binary-amd64/Packages\(ending)") }
        case .noUpstream: site.server.fault("*", .noAnswer)
        case .expiredKey, .strangerKey: break
        }
    }

    private func repair(_ site: MirrorSite) throws {
        site.server.clearFaults()
        try site.upstream.change {
            $0.signers = nil
            $0.signedAt = nil
            $0.date = nil
            $0.validUntil = nil
        }
        try Files.remove(site.upstream.path("dists"))
        try site.add("gamma")
    }

    @Test(
        "exit 1, an error with file and reason, the last generation goes on being served, the next good sync repairs",
        arguments: Wrong.allCases)
    func refused(wrong: Wrong) throws {
        let site = try MirrorSite()
        try site.sync()
        let before = try site.listing()
        try doWrong(wrong, site)
        let answer = try site.sync("failed")
        for part in wrong.says { #expect(answer.errors.contains(part), "\(answer.errors)") }
        #expect(answer.prose.contains("error: debian: "))
        let after = try site.listing()
        func served(_ text: String) -> [Substring] { text.split(separator: "\n").filter { !$0.hasPrefix("blobs") } }
        #expect(served(after) == served(before), "nothing but blobs may have come")

        let status = try site.json("status")
        #expect(status.repository["state"] as? String == "failed")
        #expect(status.repository["generation"] as? Int == 1)
        for part in wrong.says { #expect(status.errors.contains(part), "\(status)") }
        let mirror = try LoopbackServer(root: "\(site.store)/public")
        let client = try AptClient(sources: [AptClient.line("\(mirror.url)/debian", keyring: site.upstream.keyring)])
        try client.update().checked()
        try client.installDownloadOnly("alpha", "beta").checked()

        try repair(site)
        let good = try site.sync()
        #expect(good.repository["packages"] as? Int == 3)
        #expect(try site.published(Wrong.package) == Files.read(site.upstream.path(Wrong.package)))
        try client.update().checked()
        try client.installDownloadOnly("gamma").checked()
    }

    @Test("what is allowed to be missing is left out by name, with exit 0")
    func allowMissing() throws {
        let site = try MirrorSite([DebianSuite("stable")], ["allow_missing: [\"pool/main/g/*\"]"])
        try doWrong(.missingPackage, site)
        let answer = try site.sync()
        #expect(answer.repository["packages"] as? Int == 2)
        let status = try site.json("status")
        #expect(
            (status.repository["incomplete"] as? [String] ?? []).contains { $0.contains(Wrong.package) }, "\(status)")
        #expect(try site.chantal("status").data.contains("gamma"))
        #expect(!Files.exists("\(site.store)/public/debian/\(Wrong.package)"))
        try site.sync("unchanged")
        try repair(site)
        #expect(try site.sync().repository["packages"] as? Int == 3)
    }

    @Test("a first sync that is partial is no success, with or without the catalog")
    func firstPartial() throws {
        let site = try MirrorSite([DebianSuite("stable")], ["on_missing: keep"]) { upstream in
            for name in ["alpha", "gamma"] { try upstream.add(DebianPackage(name), fast: true) }
        }
        try site.upstream.lose(Wrong.package)
        try site.sync("partial")
        for _ in 0..<2 {
            let status = try site.json("status").repository
            #expect(status["state"] as? String == "partial", "\(status)")
            #expect(status["last_attempt_at"] is String && status["last_success_at"] is NSNull, "\(status)")
            #expect(try site.chantal("doctor", "--rebuild").status == 0)
        }
        try repair(site)
        try site.sync()
        #expect(try site.json("status").repository["last_success_at"] is String)
    }

    @Test("with on_missing: keep the rest is committed, recorded as incomplete, and exit 1 until it is whole")
    func keep() throws {
        let site = try MirrorSite([DebianSuite("stable")], ["on_missing: keep"])
        try site.sync()
        try doWrong(.missingPackage, site)
        for _ in 0..<2 {
            let answer = try site.sync("partial")
            #expect(answer.errors.contains(Wrong.package), "\(answer.errors)")
            #expect(answer.repository["generation"] as? Int == 2)
        }
        let status = try site.json("status")
        #expect(
            (status.repository["incomplete"] as? [String] ?? []).contains { $0.contains(Wrong.package) }, "\(status)")
        try repair(site)
        let answer = try site.sync()
        #expect(answer.repository["packages"] as? Int == 3)
        #expect((try site.json("status").repository["incomplete"] as? [String]) == [])
    }

    @Test("what expires between two syncs is refused, though upstream says that nothing has changed")
    func expires() throws {
        let sites = [try MirrorSite(), try MirrorSite()]
        let made = Int64(Date().timeIntervalSince1970)
        try sites[0].upstream.change { $0.validUntil = Timestamp(seconds: made + 10) }
        try sites[0].upstream.publish()
        let key = try sites[1].upstream.gpg.makeKey("Brief", expires: "seconds=10")
        try sites[1].home.write(sites[1].upstream.gpg.exportPublic(key), to: "brief.asc")
        sites[1].section[2] = "keyring: brief.asc"
        try sites[1].configure()
        try sites[1].upstream.change { $0.signers = [key] }
        try sites[1].upstream.publish()
        for site in sites { try site.sync() }
        while Int64(Date().timeIntervalSince1970) < made + 14 { pause(seconds: 0.2) }
        for (site, reason) in zip(sites, ["Valid-Until", "expired key"]) {
            let answer = try site.sync("failed")
            #expect(answer.errors.contains("dists/stable/InRelease") && answer.errors.contains(reason), "\(answer)")
            #expect(try site.published("dists/stable/InRelease").count > 100)
        }
    }
}
