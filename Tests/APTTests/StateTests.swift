import Basics
import Foundation
import Store
import TestSupport
import Testing

@testable import APT
@testable import Mirroring

/// What a generation holds, and when there is a new one.
@Suite struct StateTests {
    @Test("indices by their own names are pointers, those by hash are not", arguments: [false, true])
    func roles(filtered: Bool) throws {
        let fixture = try MirrorFixture([DebianSuite("stable")], filtered ? "filter: {latest: 1}" : "contents: true")
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        for entry in try fixture.state().manifest.entries where entry.path.hasPrefix("dists/") {
            let expected: FileRole = "\(entry.path)".contains("/by-hash/") ? .metadata : .pointer
            #expect(entry.role == expected, "\(entry.path)")
        }
    }

    @Test("metadata that is gone upstream disappears; what it named by hash stays for clients that are about to ask")
    func goneComponent() throws {
        var suite = DebianSuite("stable")
        suite.components = ["main", "contrib"]
        let fixture = try MirrorFixture([suite])
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.add(DebianPackage("x"), component: "contrib")
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let path = "dists/stable/contrib/binary-amd64/Packages.xz"
        #expect(fixture.isPublished(path))
        try fixture.upstream.remove("x")
        try fixture.upstream.change { $0.components = ["main"] }
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let left = try fixture.publishedFiles().filter { $0.contains("dists/stable/contrib/") }
        #expect(!left.isEmpty)
        #expect(left.allSatisfy { $0.contains("/by-hash/") }, "\(left)")
    }

    @Test("a file that was allowed to be missing is published once upstream has it")
    func foundAgain() throws {
        let fixture = try MirrorFixture([DebianSuite("stable")], "allow_missing: [\"pool/main/b/*\"]")
        try fixture.upstream.add(DebianPackage("a"))
        let path = try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        let bytes = try Files.read(fixture.upstream.path(path))
        try fixture.upstream.lose(path)
        try fixture.syncChanged()
        #expect(try fixture.sync(full: true).status == .unchanged, "the same is missing")
        try Files.write(bytes, to: fixture.upstream.path(path))
        #expect(try fixture.sync(full: true).status == .changed)
        #expect(try fixture.published(path) == bytes)
    }

    @Test("a quarantine holds what appears after a first generation without packages")
    func quarantineAfterNothing() throws {
        let fixture = try MirrorFixture([DebianSuite("stable")], "filter: {include: [wanted], min_age: 1d}")
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        #expect(try fixture.syncChanged().packages == 0)
        try fixture.upstream.add(DebianPackage("wanted"))
        try fixture.upstream.publish()
        #expect(try fixture.syncChanged().packages == 0)
    }

    @Test("a repository whose name is published from another is refused before anything is committed")
    func takenName() throws {
        let fixture = try MirrorFixture()
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let engine = try fixture.engine()
        for name in ["other", "below/other"] {
            _ = try engine.publish(StateReference("debian"), as: name)
        }
        for name in ["other", "below"] {
            let report = try fixture.sync(as: name)
            #expect(report.status == .failed)
            #expect(report.errors.map(\.code) == [.exists], "\(report.errors)")
        }
        #expect(try engine.records.repositories() == ["debian"])
        try engine.unpublish("other")
        #expect(try fixture.sync(as: "other").status == .changed)
    }

    @Test("no two contents of a pointer share time and size, after rollback and return too")
    func pointerTimes() throws {
        let fixture = try MirrorFixture()
        var seen: [String: [UInt8]] = [:]
        func look(sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
            for entry in try fixture.state().manifest.entries where entry.role == .pointer {
                let path = "\(entry.path)"
                var status = stat()
                guard stat("\(fixture.publicPath)/\(path)", &status) == 0 else { continue }
                let bytes = try fixture.published(path)
                let key = "\(path) \(status.st_mtim.tv_sec) \(status.st_size)"
                #expect(seen[key, default: bytes] == bytes, "\(key)", sourceLocation: sourceLocation)
                seen[key] = bytes
            }
        }
        func publish(_ state: String) throws {
            _ = try fixture.engine().publish(StateReference(state), as: nil)
            try look()
        }
        for version in ["1.0", "1.1", "1.2"] {
            try fixture.upstream.remove("a", keepFiles: true)
            try fixture.upstream.add(DebianPackage("a", version))
            try fixture.upstream.publish()
            try fixture.syncChanged()
            try look()
            for state in ["debian@1", "debian", "debian@1", "debian"] { try publish(state) }
        }
    }

    @Test("a source package that lacks all its files is one package less")
    func packagesLeftOut() throws {
        let fixture = try MirrorFixture([DebianSuite("stable")], "sources: true", "allow_missing: [\"pool/main/s/*\"]")
        try fixture.upstream.add(DebianPackage("a"))
        let paths = try fixture.upstream.add(DebianSource("src"))
        try fixture.upstream.publish()
        #expect(paths.count > 1)
        for path in paths { try fixture.upstream.lose(path) }
        #expect(try fixture.syncChanged().packages == 1)
    }

    @Test("translations are kept of packages that do not tell the MD5 of their description")
    func translationsWithoutMD5() throws {
        let fixture = try MirrorFixture([DebianSuite("stable")], "filter: {include: [a]}")
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.add(DebianPackage("b", description: "other\nwith other text"))
        fixture.upstream.rewriteIndex = { path, bytes in
            guard path.hasSuffix("Packages") else { return bytes }
            return Array(String(decoding: bytes, as: UTF8.self).replacing(#/Description-md5: .*\n/#, with: "").utf8)
        }
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let text = try fixture.publishedText("dists/stable/main/i18n/Translation-en")
        #expect(text.contains("Package: a\n") && text.contains("It has a long text"))
        #expect(!text.contains("Package: b\n"))
    }

    @Test("files that cannot be linked are copied, and told")
    func copies() throws {
        let fixture = try MirrorFixture()
        let path = try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        let digest = try #require(try fixture.state().manifest[RepositoryPath(path)]).digest.hex
        let blob = fixture.home.path("store/blobs/sha256/\(digest.prefix(2))/\(digest)")
        // An immutable file takes no links.
        try Subprocess.run(["chattr", "+i", blob]).checked()
        defer { _ = try? Subprocess.run(["chattr", "-i", blob]) }
        try fixture.upstream.add(DebianPackage("b"))
        try fixture.upstream.publish()
        try fixture.syncChanged()
        #expect(fixture.isPublished(path))
        #expect(fixture.observer.warnings.contains { $0.contains("could not be linked") })
    }

    @Test("a state that is verified now, and was not before, is a new generation that says so")
    func verifiedNow() throws {
        let fixture = try MirrorFixture()
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.publish()
        let keyring = fixture.section[1]
        fixture.section[1] = "verify: false"
        try fixture.syncChanged()
        fixture.section[1] = keyring
        try fixture.syncChanged()
        #expect(try fixture.engine().records.latestGeneration(of: "debian")?.verified == true)
        #expect(try fixture.sync().status == .unchanged)
    }

    @Test("a dry run fails where the sync would, and passes over what is allowed")
    func dryRun() throws {
        let fixture = try MirrorFixture()
        try fixture.upstream.add(DebianPackage("a"))
        try fixture.upstream.add(DebianPackage("b"))
        fixture.upstream.rewriteIndex = { path, bytes in
            guard path.hasSuffix("Packages") else { return bytes }
            return Array(
                String(decoding: bytes, as: UTF8.self).replacing(#/(Package: a\n(?:.+\n)*?)Size: /#) {
                    "\($0.1)Size: x"
                }.utf8)
        }
        try fixture.upstream.publish()
        let report = try fixture.sync(dryRun: true)
        #expect(report.status == .failed && report.errors.map(\.code) == [.malformed])
        fixture.section.append("allow_missing: [\"pool/main/a/*\"]")
        let allowed = try fixture.sync(dryRun: true)
        #expect(allowed.status == .changed && allowed.errors.isEmpty)
    }
}
