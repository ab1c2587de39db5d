import Foundation
import TestSupport
import Testing

enum ConformanceClaims<Upstream: ConformanceUpstream> {
    typealias Site = ConformanceSite<Upstream>

    @Sendable static func roundTrip() throws {
        let site = try Site()
        #expect(try site.sync().repository["packages"] as? Int == 2)
        let nginx = try NginxServer(root: site.publicPath)
        for name in ["alpha", "beta"] {
            let file = try Files.read(site.upstream.path(site.upstream.file(name, "1.0")))
            #expect(try site.upstream.fetch(name, from: "\(nginx.url)/demo/", key: nil) == file)
            #expect(try site.bytes(site.upstream.published(name, "1.0")) == file)
        }
        #expect(try site.upstream.fetch("gamma", from: "\(nginx.url)/demo/", key: nil) == nil)
        #expect(try nginx.errorLog.isEmpty)
        #expect(
            try site.chantal("list", "demo").packages
                == ["alpha", "beta"].map { "\($0) \(site.upstream.listed("1.0"))" })
        guard Upstream.isVerbatim else { return }
        for path in try site.paths() where Files.exists(site.upstream.path(path)) {
            #expect(try site.bytes(path) == Files.read(site.upstream.path(path)), "\(path)")
        }
    }

    @Sendable static func sameManifest() throws {
        let site = try Site()
        let first = try site.sync()
        site.store = "other"
        let second = try site.sync()
        let manifest = try #require(first.repository["manifest"] as? String)
        #expect(second.repository["manifest"] as? String == manifest)
        // In full once more, from the same store.
        let again = try site.chantal("sync", "--full")
        #expect(again.repository["status"] as? String == "unchanged", "\(again)")
    }

    @Sendable static func noChange() throws {
        let site = try Site()
        try site.sync()
        let before = try site.listing()
        let answer = try site.sync("unchanged")
        #expect(
            site.server.requests.count == site.upstream.requestsWithoutChange, "\(site.server.requests.map(\.path))")
        #expect(answer.repository["requests"] as? Int == site.upstream.requestsWithoutChange)
        #expect(answer.repository["fetched_bytes"] as? Int == 0 && answer.repository["generation"] as? Int == 1)
        #expect(try site.listing() == before)
    }

    @Sendable static func change() throws {
        let site = try Site()
        try site.sync()
        let before = try site.paths()
        try site.offer("alpha", "1.1")
        let dry = try site.chantal("sync", "--dry-run")
        #expect(dry.repository["status"] as? String == "changed" && dry.repository["fetched_files"] as? Int ?? 0 >= 1)
        try site.sync()
        let nginx = try NginxServer(root: site.publicPath)
        let file = try Files.read(site.upstream.path(site.upstream.file("alpha", "1.1")))
        #expect(try site.upstream.fetch("alpha", from: "\(nginx.url)/demo/", key: nil) == file)
        #expect(try site.paths("demo@1") == before)
        let old = try Files.read(site.upstream.path(site.upstream.file("alpha", "1.0")))
        #expect(try site.upstream.fetch("alpha", from: "\(nginx.url)/demo@1/", key: nil) == old)
        let difference = try site.chantal("diff", "demo@1", "demo@2")
        let changes = ["added", "removed", "changed"].flatMap { difference.list($0) }
        #expect(changes.allSatisfy { $0["name"] as? String == "alpha" } && changes.count == 1, "\(difference)")
        // What the catalog learned on the way is what the metadata says.
        let verified = try site.chantal("verify")
        #expect(verified.status == 0 && verified.list("defects").isEmpty, "\(verified)")
        try site.sync("unchanged")
    }

    @Sendable static func removal() throws {
        let site = try Site()
        try site.sync()
        try site.upstream.remove("beta")
        try site.upstream.publish()
        // A large part of a repository may be held back until the user says so.
        let answer = try site.chantal("sync", "--accept-removals")
        #expect(answer.repository["status"] as? String == "changed", "\(answer)")
        #expect(answer.repository["packages"] as? Int == 1)
        let nginx = try NginxServer(root: site.publicPath)
        #expect(try site.upstream.fetch("beta", from: "\(nginx.url)/demo/", key: nil) == nil)
        #expect(try site.chantal("list", "demo").packages == ["alpha \(site.upstream.listed("1.0"))"])
        try site.sync("unchanged")
    }

    @Sendable static func rebuilt() throws {
        let site = try Site()
        try site.sync()
        try site.offer("gamma", "2.0")
        try site.sync()
        let before = try (site.chantal("list", "demo@1").packages, site.chantal("list", "demo").packages)
        let doctor = try site.chantal("doctor", "--rebuild")
        #expect(doctor.json["rebuilt"] as? Bool == true, "\(doctor)")
        let after = try (site.chantal("list", "demo@1").packages, site.chantal("list", "demo").packages)
        #expect(after == before && after.1.count == 3)
        let verified = try site.chantal("verify")
        #expect(verified.status == 0 && verified.list("defects").isEmpty, "\(verified)")
        let damaged = try Files.linkTarget("\(site.publicPath)/demo")
        let file = "\(site.publicPath)/\(damaged)/\(try site.upstream.published("gamma", "2.0"))"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        var bytes = try Files.read(file)
        bytes[bytes.count - 1] ^= 1
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
        #expect(try site.chantal("verify").status == 3)
        let repaired = try site.chantal("verify", "--repair")
        #expect(repaired.list("defects").allSatisfy { $0["repaired"] as? Bool == true }, "\(repaired)")
        #expect(try site.chantal("verify").status == 0)
    }
}
