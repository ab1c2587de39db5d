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
}
