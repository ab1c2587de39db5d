import Foundation
import TestSupport
import Testing

@testable import PyPI

@Suite("Mirroring an index")
struct MirrorTests {
    @Test("no change is one request a named project, or one with serials; nothing is committed")
    func unchanged() throws {
        let named = try PyPISite(["projects: [alpha, beta]"])
        try named.sync()
        try named.sync("unchanged")
        #expect(named.server.requests.map(\.status) == [304, 304], "\(named.server.requests)")
        let whole = try PyPISite(serials: true)
        try whole.sync()
        try whole.sync("unchanged")
        #expect(whole.server.requests.map(\.status) == [304])
    }

    @Test("with serials only the projects that have changed are asked for, and the rest is taken over")
    func serials() throws {
        let site = try PyPISite(serials: true)
        try site.sync()
        let before = try site.text("simple/beta/index.v1_json")
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try site.sync()
        let asked = site.server.requests.map(\.path)
        #expect(asked.filter { $0.hasPrefix("/simple/") } == ["/simple/", "/simple/alpha/"], "\(asked)")
        #expect(!asked.contains { $0.contains("alpha-1.0") })
        #expect(try site.filenames("alpha").count == 2 && site.text("simple/beta/index.v1_json") == before)
        #expect(try site.text("simple/index.v1_json").contains("_last-serial"))
    }

    @Test("the same upstream twice gives the same manifest; --full changes nothing")
    func deterministic() throws {
        let site = try PyPISite()
        let first = try site.sync()
        try site.sync("unchanged", "--full")
        let other = try PyPISite()
        let second = try other.sync()
        #expect(first.repository["manifest"] as? String == second.repository["manifest"] as? String)
    }

    @Test(
        "one broken project of many: the others are current, it keeps its last state, exit 1, the message names it",
        arguments: [true, false])
    func broken(serials: Bool) throws {
        let site = try PyPISite(serials: serials, packages: (0..<20).map { PythonPackage("p\($0)") })
        try site.sync()
        try site.change { upstream in try upstream.add((0..<20).map { PythonPackage("p\($0)", "2.0") }) }
        site.server.fault("/simple/p7/", .content(Array("{\"files\": 7".utf8)))
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("p7") && !partial.errors.contains("p8"), "\(partial)")
        for number in 0..<20 { #expect(try site.filenames("p\(number)").count == (number == 7 ? 1 : 2)) }
        site.server.clearFaults()
        try site.sync()
        #expect(try site.filenames("p7").count == 2)
        try site.sync("unchanged")
    }

    @Test("a file that does not come, or is another, is left out and named; the next sync brings it")
    func missingFile() throws {
        let site = try PyPISite()
        site.server.fault("*/alpha-1.0-py3-none-any.whl", .flipByte(at: 40))
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("alpha-1.0-py3-none-any.whl"), "\(partial)")
        #expect(try site.filenames("alpha") == [] && site.filenames("beta").count == 1)
        #expect(!site.isPublished("packages/alpha/alpha-1.0-py3-none-any.whl.metadata"))
        site.server.clearFaults()
        try site.sync()
        #expect(try site.filenames("alpha").count == 1)
    }

    @Test("a first sync that can read nothing publishes nothing, and no quarantine counts from it")
    func nothingRead() throws {
        let site = try PyPISite(["projects: [alpha, beta]", "filter: {min_age: 30d}"])
        site.server.fault("/simple/*", .status(404))
        let failed = try site.sync("failed")
        #expect(failed.repository["generation"] is NSNull && failed.errors.contains("alpha"), "\(failed)")
        site.server.clearFaults()
        try site.sync()
        #expect(try site.filenames("alpha").count == 1)
    }

    @Test("a named project that upstream has deleted goes once that is accepted, and is an error while it is named")
    func acceptedRemoval() throws {
        let site = try PyPISite(["projects: [alpha, beta]"])
        try site.sync()
        site.server.fault("/simple/alpha/", .status(404))
        #expect(try site.sync("held").errors.contains("upstream no longer has the project alpha"))
        #expect(try site.filenames("alpha").count == 1)
        let accepted = try site.sync("changed", "--accept-removals")
        #expect("\(accepted)".contains("take it out of 'projects'"), "\(accepted)")
        #expect(!site.isPublished("simple/alpha") && site.isPublished("simple/beta"))
        #expect(try site.sync("partial").errors.contains("upstream has no project alpha"))
    }

    @Test("on_missing: fail keeps the last generation")
    func failing() throws {
        let site = try PyPISite(["on_missing: fail"])
        try site.sync()
        try site.change { try $0.add(PythonPackage("alpha", "2.0"), PythonPackage("beta", "2.0")) }
        site.server.fault("*/alpha-2.0*", .status(404))
        try site.sync("failed")
        #expect(try site.filenames("beta").count == 1)
    }

    @Test("a file with another hash is held back with an alarm, until the user accepts it")
    func changedHash() throws {
        let site = try PyPISite()
        try site.sync()
        let before = try site.text("packages/alpha/alpha-1.0-py3-none-any.whl")
        let other = try PyPIUpstream()
        let file = try other.add(PythonPackage("alpha", "1.0", summary: "something else"))[0]
        try Files.copy(
            other.path("files/alpha/\(file.filename)"), to: site.upstream.path("files/alpha/\(file.filename)"))
        try Files.copy(
            other.path("files/alpha/\(file.filename).metadata"),
            to: site.upstream.path("files/alpha/\(file.filename).metadata"))
        try site.change { upstream in
            upstream.edit("alpha", file.filename) {
                ($0.sha256, $0.size, $0.metadata) = (file.sha256, file.size, file.metadata)
            }
            try upstream.add(PythonPackage("beta", "2.0"))
        }
        let held = try site.sync("held")
        #expect(held.errors.contains("alpha-1.0-py3-none-any.whl") && held.errors.contains("another hash"), "\(held)")
        #expect(try site.text("packages/alpha/alpha-1.0-py3-none-any.whl") == before)
        #expect(try site.filenames("beta").count == 2)
        try site.sync("held")
        try site.sync("changed", "--accept-removals")
        #expect(try site.text("packages/alpha/alpha-1.0-py3-none-any.whl") != before)
        try site.sync("unchanged")
    }

    @Test(
        "a file with other bytes is held back, too, where the index now declares a weaker hash, or none and another size",
        arguments: ["md5", "size"])
    func weakerHash(kind: String) throws {
        let site = try PyPISite(["verify: false"])
        try site.sync()
        let name = "alpha-1.0-py3-none-any.whl"
        let path = "packages/alpha/\(name)"
        let before = try site.text(path)
        let upstream = site.upstream.path("files/alpha/\(name)")
        func declare() throws {
            let sum = String(try Subprocess.run(["md5sum", upstream]).checked().stdout.prefix(32))
            let size = Int64(try Files.read(upstream).count)
            try site.change {
                $0.edit("alpha", name) { file in
                    (file.sha256, file.metadata, file.size) = (nil, nil, kind == "size" ? size : nil)
                    file.hashes = kind == "md5" ? ["md5": sum] : [:]
                }
            }
        }
        try declare()
        #expect(try site.chantal("sync").status == 0)
        #expect(try site.text(path) == before)
        let whole = try Files.read(upstream)
        try Files.write(whole + [0], to: upstream)
        try declare()
        for _ in 0..<2 { #expect(try site.sync("held").errors.contains("the file \(name) of alpha has another")) }
        #expect(try site.text(path) == before)
        try site.sync("changed", "--accept-removals")
        #expect(try site.text(path) != before)
        // The first time that this hash is seen it is that of the mirrored bytes.
        try site.sync("unchanged")
    }

    @Test("a project that loses all its files, or is gone, is held back", arguments: [true, false])
    func emptied(gone: Bool) throws {
        let site = try PyPISite(["projects: [alpha, beta]"])
        try site.sync()
        try site.change { upstream in
            if gone { upstream.projects["alpha"] = nil } else { upstream.edit("alpha") { $0.files = [] } }
        }
        let held = try site.sync("held")
        #expect(held.errors.contains("alpha"), "\(held)")
        #expect(try site.filenames("alpha").count == 1)
        if !gone {
            try site.sync("changed", "--accept-removals")
            #expect(try site.filenames("alpha") == [])
            try site.sync("unchanged")
        }
    }

    @Test(
        "a project keeps its last state where all of its files are others now, and none comes",
        arguments: [true, false])
    func othersFail(hasTwins: Bool) throws {
        let site = try PyPISite(serials: true)
        try site.sync()
        let before = try site.text("simple/alpha/index.html")
        try site.change {
            $0.edit("alpha") { $0.files = [] }
            try $0.add(PythonPackage("alpha", "2.0"))
        }
        site.server.fault("*/alpha-2.0-py3-none-any.whl", .status(404))
        if !hasTwins { site.server.fault("*/alpha-2.0-py3-none-any.whl.metadata", .status(404)) }
        for _ in 0..<2 {
            #expect(try site.sync("partial").errors.contains("alpha-2.0"))
            #expect(try site.text("simple/alpha/index.html") == before)
            #expect(try !site.paths().contains { $0.contains("alpha-2.0") })
        }
        site.server.clearFaults()
        try site.sync()
        #expect(try site.filenames("alpha") == ["alpha-2.0-py3-none-any.whl"])
        try site.sync("unchanged")
    }

    @Test("a page without any link in the place of an index is told")
    func emptyPages() throws {
        let site = try PyPISite(["projects: [alpha]"], form: .html)
        for path in ["/simple/", "/simple/alpha/"] { site.server.fault(path, .content(Array("<h1>Log in</h1>".utf8))) }
        #expect("\(try site.sync())".contains("upstream has the project alpha, and no file of it"))
        #expect(try site.filenames("alpha") == [], "a known project without files has an empty page")
        let required = try PyPISite(["requirements: requirements.txt"], form: .html)
        try required.home.write("alpha\n", to: "requirements.txt")
        required.server.fault("/simple/alpha/", .content(Array("<h1>Log in</h1>".utf8)))
        let partial = try required.sync("partial")
        #expect(partial.errors.contains("requirements.txt:1: upstream has the project alpha, and no file of it"))
        let whole = try PyPISite(form: .html)
        whole.server.fault("/simple/", .content(Array("<h1>Log in</h1>".utf8)))
        #expect("\(try whole.sync())".contains("is the URL that of a simple index?"))
    }

    @Test("more than a tenth of all projects gone at once is held back; fewer go")
    func massRemoval() throws {
        let site = try PyPISite(serials: true, packages: (0..<20).map { PythonPackage("p\($0)") })
        try site.sync()
        try site.change { upstream in for number in 0..<2 { upstream.projects["p\(number)"] = nil } }
        try site.sync()
        #expect(!site.isPublished("simple/p0/index.html"))
        try site.change { upstream in for number in 2..<5 { upstream.projects["p\(number)"] = nil } }
        let held = try site.sync("held")
        #expect(held.errors.contains("3 of 18 projects"), "\(held)")
        #expect(try site.filenames("p2").count == 1)
        try site.sync("changed", "--accept-removals")
        #expect(!site.isPublished("simple/p2/index.html"))
        try site.sync("unchanged")
    }

    @Test("a page without hashes is refused, unless verify says that it may be")
    func unhashed() throws {
        let site = try PyPISite()
        try site.change { upstream in
            upstream.edit("alpha", "alpha-1.0-py3-none-any.whl") { ($0.sha256, $0.metadata) = (nil, nil) }
        }
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("declares no hash"), "\(partial)")
        site.section = ["verify: false"]
        try site.configure()
        try site.sync()
        #expect(try site.filenames("alpha").count == 1)
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try site.sync()
        #expect(!site.server.requests.contains { $0.path.contains("alpha-1.0") })
    }

    @Test("a file that is only hashed by MD5 is checked by it, and published with its SHA-256")
    func weakHash() throws {
        let site = try PyPISite(form: .html)
        let md5 = try Subprocess.run(["md5sum", site.upstream.path("files/alpha/alpha-1.0-py3-none-any.whl")]).checked()
            .stdout.prefix(32)
        try site.change { upstream in
            upstream.edit("alpha", "alpha-1.0-py3-none-any.whl") {
                ($0.sha256, $0.hashes) = (nil, ["md5": String(md5)])
            }
        }
        try site.sync()
        let hashes = try site.pageFiles("alpha")[0]["hashes"] as? [String: String]
        #expect(hashes?["md5"] == String(md5) && hashes?["sha256"]?.count == 64)
        try site.sync("unchanged", "--full")
    }

    @Test(
        "of a file whose size nobody declares a blob that was cut short is fetched again, by whatever hash it is known",
        arguments: ["sha256", "md5"], [true, false])
    func cutShort(algorithm: String, isOfThisRepository: Bool) throws {
        let site = try PyPISite(form: .html)
        let name = "alpha-1.0-py3-none-any.whl"
        let file = try #require(try Files.walk(site.upstream.root).first { $0.hasSuffix("/\(name)") })
        let whole = try Files.read("\(site.upstream.root)/\(file)")
        if algorithm == "md5" {
            let sum = try Subprocess.run(["md5sum", "\(site.upstream.root)/\(file)"]).checked().stdout.prefix(32)
            try site.change {
                $0.edit("alpha", name) { ($0.sha256, $0.metadata, $0.hashes) = (nil, nil, ["md5": String(sum)]) }
            }
        }
        try site.sync()
        let digest = try #require(
            try site.state().manifest.entries.first { "\($0.path)" == "packages/alpha/\(name)" }?.digest.hex)
        let blob = site.home.path("store/blobs/sha256/\(digest.prefix(2))/\(digest)")
        try Subprocess.run(["chmod", "u+w", blob]).checked()
        try Subprocess.run(["truncate", "-s", "100", blob]).checked()
        if !isOfThisRepository {
            // Another repository has the bytes, and this one has never seen their size.
            try Subprocess.run(["rm", "-rf", site.home.path("store/repositories/python")]).checked()
        }
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try site.sync()
        #expect(try Files.read("\(site.publicPath)/python/packages/alpha/\(name)") == whole)
        #expect(try site.pageFiles("alpha").first?["size"] as? Int == whole.count)
    }

    @Test("a mirror of a mirror, over nginx and as files, holds the same pages and files")
    func chain() throws {
        let site = try PyPISite()
        try site.sync()
        let nginx = try site.nginx()
        for upstream in ["\(nginx.url)/python/simple/", "file://\(site.publicPath)/python/simple/"] {
            let second = try PyPISite(["upstream: \(upstream)"])
            try second.sync()
            #expect(try second.paths() == site.paths())
            #expect(
                try second.text("packages/alpha/alpha-1.0-py3-none-any.whl")
                    == site.text("packages/alpha/alpha-1.0-py3-none-any.whl"))
            #expect(try second.text("simple/alpha/index.html") == site.text("simple/alpha/index.html"))
        }
    }

    @Test("an upstream without a list serves named projects; the whole index says what to do")
    func noList() throws {
        let site = try PyPISite(["projects: [alpha]"])
        try site.change { $0.hasList = false }
        try site.sync()
        #expect(
            try site.paths().contains("simple/alpha/index.html") && !site.paths().contains("simple/beta/index.html"))
        site.section = []
        try site.configure()
        #expect(try site.sync("failed").errors.contains("projects"))
    }

    @Test("an unknown project is named, the others come")
    func unknownProject() throws {
        let site = try PyPISite(["projects: [alpha, no-such-project]"])
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("no-such-project"), "\(partial)")
        #expect(try site.filenames("alpha").count == 1)
    }

    @Test("the packages are found by name, version and tag; show tells metadata")
    func catalog() throws {
        let site = try PyPISite(packages: [PythonPackage("Alpha_x", "1.0", requires: ["beta"], hasSource: true)])
        try site.sync()
        let list = try site.chantal("list", "python")
        #expect(list.status == 0 && list.data.contains("alpha-x") && list.data.contains("py3-none-any"), "\(list)")
        let packages = try site.packages()
        #expect(packages.map(\.architecture).sorted() == ["py3-none-any", "source"])
        #expect(packages.allSatisfy { $0.summary == "The project Alpha_x" && $0.digest != nil })
        #expect(packages.allSatisfy { $0.homepage == "https://example.org/Alpha_x" })
        let wheel = try #require(packages.first { $0.architecture != "source" })
        let description = try #require(try PyPIEcosystem.describe(wheel, in: site.state()))
        #expect(description.requires == ["beta"] && description.license == "MIT")
        #expect(description.homepage == "https://example.org/Alpha_x")
        #expect(try description.files?().contains("alpha_x/__init__.py") == true)
        #expect(try site.chantal("search", "project").data.contains("alpha-x"))
        #expect(try site.chantal("verify").status == 0)
    }

    @Test("a file of an absurd size is an error of its own; the same name twice with other hashes is told")
    func absurdFiles() throws {
        let site = try PyPISite(
            ["projects: [alpha, beta]"],
            packages: [
                PythonPackage("alpha"), PythonPackage("alpha", "2.0"), PythonPackage("beta"),
            ])
        try site.change { upstream in
            upstream.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.size = 1 << 62 }
            upstream.edit("beta") { project in
                var twin = project.files[0]
                twin.sha256 = String(repeating: "ab", count: 32)
                project.files.append(twin)
            }
        }
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("alpha-2.0-py3-none-any.whl of alpha is not mirrored"), "\(partial)")
        #expect("\(partial)".contains("beta-1.0-py3-none-any.whl twice, with different hashes"), "\(partial)")
        #expect(try site.filenames("alpha").count == 1 && site.filenames("beta").count == 1)
    }

    @Test("a dry run says what the sync then does")
    func dryRun() throws {
        let site = try PyPISite(serials: true)
        func compare(_ words: String..., status: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
            let told = try site.sync(status, ["--dry-run"] + words, sourceLocation: sourceLocation)
            let done = try site.sync(status, words, sourceLocation: sourceLocation)
            for key in ["packages", "fetched_files"] {
                #expect(
                    told.repository[key] as? Int == done.repository[key] as? Int, "\(key)",
                    sourceLocation: sourceLocation)
            }
        }
        try compare(status: "changed")
        try compare(status: "unchanged")
        try compare("--full", status: "unchanged")
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try compare(status: "changed")
        try site.change { $0.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.yanked = "bad" } }
        try compare(status: "changed")
        try site.change { $0.edit("alpha") { $0.files = [] } }
        try compare(status: "held")
        try compare("--accept-removals", status: "changed")
    }
}
