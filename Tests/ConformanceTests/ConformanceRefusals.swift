import Foundation
import TestSupport
import Testing

extension ConformanceClaims {
    /// Syncs, does something wrong to upstream, and expects a refusal that names what is wrong; then upstream is right again.
    /// - Parameter doWrong: gives what the errors must say.
    private static func refuses(
        _ doWrong: (Site, _ gamma: String) throws -> [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let site = try Site("on_missing: fail")
        try site.sync()
        let before = try site.listing()
        try site.offer("gamma", "1.0")
        let gamma = try site.upstream.file("gamma", "1.0")
        let good = try Files.read(site.upstream.path(gamma))
        let says = try doWrong(site, gamma)
        let answer = try site.sync("failed", sourceLocation: sourceLocation)
        for part in says { #expect(answer.errors.contains(part), "\(answer)", sourceLocation: sourceLocation) }
        #expect(try site.listing() == before, sourceLocation: sourceLocation)
        #expect(try site.chantal("list", "demo").packages.count == 2, sourceLocation: sourceLocation)
        site.server.clearFaults()
        try Files.write(good, to: site.upstream.path(gamma))
        try site.upstream.publish()
        #expect(try site.sync().repository["packages"] as? Int == 3, sourceLocation: sourceLocation)
    }

    @Sendable static func tamperedSignature() throws {
        // A format without signatures has nothing to tamper with.
        guard let signed = try Upstream().signed else { return }
        try refuses { site, _ in
            try site.corrupt(signed, at: 150)
            return [signed, "code: signature"]
        }
    }

    @Sendable static func flippedIndex() throws {
        guard try Site().upstream.index() != nil else { return }
        try refuses { site, _ in
            let index = try #require(try site.upstream.index())
            // Under all its names: by hash too.
            let bytes = try Files.read(site.upstream.path(index))
            for path in try Files.walk(site.upstream.root) where try Files.read(site.upstream.path(path)) == bytes {
                try site.corrupt(path, at: -3)
            }
            return [index]
        }
    }

    @Sendable static func flippedPackage() throws {
        try refuses { site, gamma in
            try site.corrupt(gamma, at: -1)
            return [name(of: gamma), "code: mismatch"]
        }
    }

    @Sendable static func missingFails() throws {
        try refuses { site, gamma in
            try Files.remove(site.upstream.path(gamma))
            return [name(of: gamma), "code: missing"]
        }
    }

    private static func name(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

    @Sendable static func missingKept() throws {
        let site = try Site("on_missing: keep")
        try site.sync()
        try site.offer("gamma", "1.0")
        let gamma = try site.upstream.file("gamma", "1.0")
        let bytes = try Files.read(site.upstream.path(gamma))
        try Files.remove(site.upstream.path(gamma))
        let answer = try site.sync("partial")
        #expect(answer.errors.contains(name(of: gamma)), "\(answer)")
        let nginx = try NginxServer(root: site.publicPath)
        #expect(try site.upstream.fetch("alpha", from: "\(nginx.url)/demo/", key: nil) != nil)
        let status = try site.chantal("status")
        #expect(!(status.repository["incomplete"] as? [String] ?? []).isEmpty, "\(status)")
        // What is still missing makes no generation after the other.
        let again = try site.sync("partial")
        #expect(again.repository["generation"] as? Int == answer.repository["generation"] as? Int)
        try Files.write(bytes, to: site.upstream.path(gamma))
        #expect(try site.sync().repository["packages"] as? Int == 3)
        #expect(try site.upstream.fetch("gamma", from: "\(nginx.url)/demo/", key: nil) == bytes)
    }

    @Sendable static func missingAllowed() throws {
        let site = try Site("on_missing: fail", "allow_missing: [\"*gamma*\"]")
        try site.offer("gamma", "1.0")
        try Files.remove(site.upstream.path(site.upstream.file("gamma", "1.0")))
        let answer = try site.sync()
        #expect(answer.repository["packages"] as? Int == 2, "\(answer)")
        let warnings = answer.repository["warnings"] as? [String] ?? []
        #expect(warnings.contains { $0.contains("gamma") && $0.contains("allow_missing") }, "\(answer)")
        let status = try site.chantal("status")
        #expect((status.repository["incomplete"] as? [String])?.count == 1, "\(status)")
        let nginx = try NginxServer(root: site.publicPath)
        #expect(try site.upstream.fetch("beta", from: "\(nginx.url)/demo/", key: nil) != nil)
        #expect(try site.chantal("list", "demo").packages.filter { $0.hasPrefix("gamma") }.count <= 1)
    }

    @Sendable static func filtered() throws {
        let site = try Site()
        site.section.append(site.upstream.filter(["alpha"]))
        #expect(try site.sync().repository["packages"] as? Int == 1)
        let nginx = try NginxServer(root: site.publicPath)
        let url = "\(nginx.url)/demo/"
        let key = Upstream.signsMetadata ? site.ownKey : nil
        let file = try Files.read(site.upstream.path(site.upstream.file("alpha", "1.0")))
        #expect(try site.upstream.fetch("alpha", from: url, key: key) == file)
        #expect(try site.upstream.fetch("beta", from: url, key: key) == nil)
        #expect(try site.chantal("list", "demo").packages == ["alpha \(site.upstream.listed("1.0"))"])
        #expect(try !site.paths().contains { $0.contains("beta") })
        if Upstream.signsMetadata {
            #expect(throws: (any Error).self) { try site.upstream.fetch("alpha", from: url, key: nil) }
            try noSignatureOfUpstream(site)
        }
        try site.sync("unchanged")
        // A change of what is filtered out changes nothing that is published but dates.
        try site.offer("beta", "1.1")
        let answer = try site.chantal("sync")
        #expect(answer.status == 0 && answer.repository["packages"] as? Int == 1, "\(answer)")
        try site.offer("alpha", "1.1")
        try site.sync()
        let newer = try Files.read(site.upstream.path(site.upstream.file("alpha", "1.1")))
        #expect(try site.upstream.fetch("alpha", from: url, key: key) == newer)
    }

    private static func noSignatureOfUpstream(_ site: Site) throws {
        guard let signed = site.upstream.signed else { return }
        let text = try Files.text(site.upstream.path(signed))
        let armor = try #require(text.components(separatedBy: "-----BEGIN PGP SIGNATURE-----\n").last)
        let signature = Data(try #require(armor.split(separator: "\n").dropFirst().first).utf8)
        for path in try site.paths() {
            #expect(try Data(site.bytes(path)).range(of: signature) == nil, "\(path)")
        }
    }
}
