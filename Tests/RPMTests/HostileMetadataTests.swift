import Basics
import TestSupport
import Testing

/// Metadata that is wrong although its checksums hold.
@Suite struct HostileMetadataTests {
    private func upstream() throws -> RPMUpstream {
        let upstream = try RPMUpstream()
        for name in ["alpha", "beta"] { try upstream.add(RPMPackage(name)) }
        try upstream.publish()
        return upstream
    }

    private func filtered(_ upstream: RPMUpstream) throws -> RPMSite {
        let site = try RPMSite(upstream)
        site.section.append("filter: {latest: 1}")
        return site
    }

    /// In UTF-16 with a byte order mark.
    private static func wide(_ text: String) -> [UInt8] {
        [0xff, 0xfe] + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    private static let documents: [(name: String, says: String, change: @Sendable (String) -> [UInt8])] = [
        ("a page", "HTML page", { _ in Array("<!DOCTYPE html>\n<html><body>Log in</body></html>\n".utf8) }),
        ("nothing", "not well formed", { _ in [] }),
        ("a part", "not well formed", { Array($0.replacing("</metadata>", with: "").utf8) }),
        ("another document", "'other', not 'metadata'", { Array($0.replacing("metadata", with: "other").utf8) }),
        ("entities", "document type", { Array($0.replacing("<metadata", with: "<!DOCTYPE x>\n<metadata").utf8) }),
        (
            "fewer packages than it says", "says that it holds 3 packages, and there are 2",
            { Array($0.replacing("packages=\"2\"", with: "packages=\"3\"").utf8) }
        ),
        (
            "packages with a prefix", "with a prefix",
            {
                Array(
                    $0.replacing("xmlns=\"", with: "xmlns:p=\"").replacing("<package", with: "<p:package")
                        .replacing("</package", with: "</p:package").utf8)
            }
        ),
        ("two bytes a character", "encoding", { wide($0.replacing("encoding=\"UTF-8\"", with: "")) }),
    ]

    @Test(
        "what is not read as a list of packages is refused, and is no filtered mirror without packages",
        arguments: documents.indices)
    func lists(_ index: Int) throws {
        let (name, says, change) = HostileMetadataTests.documents[index]
        let upstream = try upstream()
        let site = try filtered(upstream)
        try site.syncChanged()
        try upstream.rewrite("primary") { change(String(decoding: $0, as: UTF8.self)) }
        let report = try site.sync()
        let text = report.errors.map { "\($0)" }.joined(separator: "\n")
        #expect(report.status == .failed && text.contains(says) && text.contains("primary"), "\(name): \(text)")
        #expect(try site.packages().map(\.name) == ["alpha", "beta"])
    }

    @Test("filelists and other of a filtered mirror are checked as well", arguments: ["filelists", "other"])
    func counts(_ record: String) throws {
        let upstream = try upstream()
        try upstream.rewrite(record) {
            Array(String(decoding: $0, as: UTF8.self).replacing("packages=\"2\"", with: "packages=\"9\"").utf8)
        }
        try filtered(upstream).syncFails(.mismatch, record, "says that it holds 9 packages, and there are 2")
    }

    @Test("sizes that no disk has are refused by the package's name, and do not end the process")
    func sizes() throws {
        let upstream = try upstream()
        try upstream.rewrite("primary") {
            Array(
                String(decoding: $0, as: UTF8.self)
                    .replacing("<size package=\"", with: "<size package=\"9223372036854775807\" was=\"").utf8)
        }
        try RPMSite(upstream).syncFails(.tooLarge, "Packages/alpha-1.0-1.noarch.rpm", "9223372036854775807 bytes")
        try filtered(upstream).syncFails(.tooLarge, "Packages/alpha-1.0-1.noarch.rpm")
    }

    @Test("a record that lies elsewhere is refused verbatim, and fetched from there where all is written anew")
    func recordElsewhere() throws {
        let upstream = try upstream()
        let other = try TestSupport.TemporaryDirectory("elsewhere")
        let server = try LoopbackServer(root: other.path)
        let primary = try upstream.file(of: "primary")
        try Files.write(Files.read(upstream.path(primary)), to: other.path(primary))
        try Files.remove(upstream.path(primary))
        try upstream.rewriteRepomd {
            $0.replacing("href=\"\(primary)\"", with: "xml:base=\"\(server.url)/\" href=\"\(primary)\"")
        }
        try RPMSite(upstream).syncFails(.unsafePath, "'primary'", "xml:base")
        let site = try filtered(upstream)
        try site.syncChanged()
        #expect(try site.packages().count == 2)
        #expect(try !Files.text("\(site.publicPath)/repodata/repomd.xml").contains("xml:base"))
    }

    @Test("a filtered mirror, too, tells that upstream has moved on while it was made")
    func movedOn() throws {
        let upstream = try upstream()
        let site = try filtered(upstream)
        try site.syncChanged()
        #expect(site.server.requests.last?.path == "/repodata/repomd.xml")
        #expect(site.server.requests.count { $0.path == "/repodata/repomd.xml" } == 2)
        #expect(try site.sync().status == .unchanged)
        #expect(site.server.requests.count == 1)
    }

    @Test("an installation tree whose .treeinfo was written on Windows is mirrored whole")
    func lineEnds() throws {
        let upstream = try upstream()
        try Files.write("kernel\n", to: upstream.path("images/vmlinuz"))
        try Files.write("[images-x86_64]\r\nkernel = images/vmlinuz\r\n\r\n", to: upstream.path(".treeinfo"))
        let site = try RPMSite(upstream)
        try site.syncChanged()
        #expect(try site.published("images/vmlinuz") == Array("kernel\n".utf8))
        try Files.write("[stage2]\r\nmainimage = ../x\r\n", to: upstream.path(".treeinfo"))
        try upstream.publish()
        try site.syncFails(.unsafePath, ".treeinfo", "line 2")
    }
}
