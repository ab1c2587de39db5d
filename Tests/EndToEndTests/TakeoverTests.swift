import Foundation
import TestSupport
import Testing

@Suite("Taking over another tool's mirror")
struct TakeoverTests {
    /// Copies upstream's files to another place under names that mean nothing.
    private func otherMirror(_ site: MirrorSite) throws -> String {
        let other = try site.home.makeDirectory("other/deep")
        for (number, path) in try Files.walk(site.upstream.root).enumerated() {
            try Files.copy(site.upstream.path(path), to: "\(other)/\(number).bin")
        }
        try Files.write("not of this archive", to: "\(other)/index.html")
        try Subprocess.run(["ln", "-s", "/etc/passwd", "\(other)/link"]).checked()
        try Subprocess.run(["mkfifo", "\(other)/pipe"]).checked()
        return site.home.path("other")
    }

    @Test(
        "the first sync fetches nothing that is there, whatever it is called, and a gc between takes nothing",
        arguments: [false, true])
    func first(linking: Bool) throws {
        let site = try MirrorSite()
        let other = try otherMirror(site)
        let link = linking ? ["--link"] : []
        let words = [try Project.chantal(), "--config", site.home.path("chantal.yaml"), "--json", "import-tree"] + link
        let answer = Answer(result: try Subprocess.run(words + ["debian", other]))
        #expect(answer.status == 0, "\(answer)")
        #expect(answer.json["skipped"] as? Int == 2)
        #expect(answer.json["files"] as? Int ?? 0 > 5)
        #expect(try site.chantal("gc", "--grace", "0").status == 0)
        #expect(try site.chantal("verify").status == 0)
        let again = Answer(result: try Subprocess.run(words + ["debian", other]))
        #expect(again.json["new_blobs"] as? Int == 0, "\(again)")

        try site.add("gamma")
        let sync = try site.sync()
        #expect(sync.repository["fetched_files"] as? Int == 1)
        let fetched = site.server.requests.map(\.path).filter { $0.contains("/pool/") }
        #expect(fetched.count == 1 && fetched[0].contains("gamma"))
        // What upstream does not have goes now.
        let digest = try Subprocess.run(["sha256sum", "\(other)/deep/index.html"]).checked().stdout.prefix(64)
        #expect(Files.exists("\(site.store)/blobs/sha256/\(digest.prefix(2))/\(digest)"))
        #expect(try site.chantal("gc", "--grace", "0").status == 0)
        #expect(!Files.exists("\(site.store)/blobs/sha256/\(digest.prefix(2))/\(digest)"))
        #expect(try site.chantal("verify").status == 0)
        // The other tool's files are as they were.
        #expect(Files.exists("\(other)/deep/index.html"))
        #expect(try Files.status("\(other)/deep/index.html").st_mode & 0o777 == (linking ? 0o444 : 0o644))
    }

    @Test(
        "a repository that the configuration lacks, one without an upstream, and a directory that is not there, are errors"
    )
    func wrong() throws {
        let site = try MirrorSite()
        #expect(try site.chantal("import-tree", "debain", site.upstream.root).prose.contains("did you mean 'debian'?"))
        #expect(try site.chantal("import-tree", "debian", "/nowhere").status == 1)
        try site.configure(
            more: "  own: {type: rpm, sign: false}\nviews:\n  all: {of: [debian], sign: false}\n")
        let hosted = try site.chantal("import-tree", "own", site.upstream.root)
        #expect(hosted.status == 2 && hosted.prose.contains("chantal add own"), "\(hosted)")
        let view = try site.chantal("import-tree", "all", site.upstream.root)
        #expect(view.status == 2 && view.prose.contains("debian"), "\(view)")
        #expect(try Files.names("\(site.store)/blobs/sha256").isEmpty)
    }
}
