import TestSupport
import Testing

@Suite("Mirroring a whole index")
struct WholeIndexTests {
    /// A site whose list tells of a new version of alpha, while the page comes from a cache: as before.
    private func behind() throws -> PyPISite {
        let site = try PyPISite(serials: true)
        try site.sync()
        let before = try Files.read(site.upstream.path("simple/alpha/index.html"))
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        site.server.fault("/simple/alpha/", .content(before))
        return site
    }

    @Test("a page that a cache holds back behind a newer serial is asked for until it has that")
    func stale() throws {
        let site = try behind()
        let first = try site.sync()
        #expect("\(first)".contains("alpha is older than the list of projects says"), "\(first)")
        #expect(try site.filenames("alpha").count == 1)
        #expect(!(try site.text("simple/index.v1_json")).contains("\"_last-serial\":2,\"name\":\"alpha\""))
        let second = try site.sync("unchanged")
        #expect("\(second)".contains("alpha is older"), "\(second)")
        let asked = site.server.requests.map(\.path)
        #expect(asked.contains("/simple/alpha/") && !asked.contains("/simple/beta/"), "\(asked)")
        site.server.clearFaults()
        try site.sync()
        #expect(try site.filenames("alpha").count == 2)
        try site.sync("unchanged")
        #expect(site.server.requests.map(\.status) == [304])
    }

    @Test("the same of a page that upstream says is not modified")
    func staleNotModified() throws {
        let site = try PyPISite(serials: true)
        try site.sync()
        let page = site.upstream.path("simple/alpha/index.html")
        let before = site.home.path("before")
        try Subprocess.run(["cp", "-p", page, before]).checked()
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        let after = site.home.path("after")
        try Subprocess.run(["cp", "-p", page, after]).checked()
        try Subprocess.run(["cp", "-p", before, page]).checked()
        try site.sync()
        #expect(try site.filenames("alpha").count == 1)
        try Subprocess.run(["cp", "-p", after, page]).checked()
        try site.sync()
        #expect(try site.filenames("alpha").count == 2)
        try site.sync("unchanged")
        #expect(site.server.requests.map(\.status) == [304])
    }

    @Test("a page that is older than the one that is mirrored takes nothing back")
    func older() throws {
        let site = try PyPISite(serials: true)
        let first = try Files.read(site.upstream.path("simple/alpha/index.html"))
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try site.sync()
        try site.change { try $0.add(PythonPackage("alpha", "3.0")) }
        site.server.fault("/simple/alpha/", .content(first))
        let older = try site.sync("unchanged")
        #expect("\(older)".contains("the page of alpha is at serial 2, which was 3 before"), "\(older)")
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0"])
        site.server.clearFaults()
        try site.sync()
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0", "3.0"])
    }

    /// What a server has at one moment: the list and the pages.
    private func state(_ site: PyPISite) throws -> [String: [UInt8]] {
        var state: [String: [UInt8]] = [:]
        for name in [""] + site.upstream.projects.keys.map({ "\($0)/" }) {
            state["/simple/\(name)"] = try Files.read(site.upstream.path("simple/\(name)index.html"))
        }
        return state
    }

    private func answer(_ site: PyPISite, _ state: [String: [UInt8]]) {
        site.server.clearFaults()
        for (path, bytes) in state { site.server.fault(path, .content(bytes)) }
    }

    @Test("an older list and an older page take nothing back, however serials go up and down")
    func upAndDown() throws {
        let site = try PyPISite(serials: true)
        let first = try state(site)
        try site.change { try $0.add(PythonPackage("beta", "2.0")) }
        let second = try state(site)
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try site.change { try $0.add(PythonPackage("alpha", "3.0")) }
        let last = try state(site)
        try site.sync()
        let before = try site.text("simple/index.v1_json")
        for old in [first, second, last, first] {
            answer(site, old)
            try site.sync("unchanged")
            #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0", "3.0"])
            #expect(try site.text("simple/index.v1_json") == before)
            #expect(try site.chantal("sync", "--full").status == 0)
            #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0", "3.0"])
            answer(site, last)
            #expect(try site.chantal("sync").status == 0)
            #expect(try site.text("simple/index.v1_json") == before)
        }
        // A list between what was seen and a page that is older still.
        answer(site, last.merging(["/simple/alpha/": first["/simple/alpha/"] ?? []]) { $1 })
        #expect(try site.chantal("sync").status == 0)
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0", "3.0"])
        site.section = ["filter: {exclude: ['gamma']}"]
        try site.configure()
        answer(site, first)
        let older = try site.chantal("sync")
        #expect(older.status == 0 && "\(older)".contains("--accept-removals"), "\(older)")
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0", "3.0"])
        answer(site, last)
        try site.sync()
        try site.change { try $0.add(PythonPackage("alpha", "4.0")) }
        site.server.clearFaults()
        try site.sync()
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0", "3.0", "4.0"])
        try site.sync("unchanged")
        #expect(site.server.requests.map(\.status) == [304])
    }

    @Test("an older list removes no project, and brings none back")
    func olderList() throws {
        let site = try PyPISite(
            serials: true, packages: (0..<12).map { PythonPackage("p\($0)") } + [PythonPackage("gone")])
        let first = try state(site)
        try site.change {
            $0.projects["gone"] = nil
            try $0.add(PythonPackage("new"), PythonPackage("p0", "2.0"))
        }
        try site.sync()
        answer(site, first)
        let older = try site.sync("unchanged")
        #expect("\(older)".contains("the list of projects has p0 at serial 2, which was 3 before"), "\(older)")
        #expect(site.isPublished("simple/new") && !site.isPublished("simple/gone"))
        #expect(site.server.requests.map(\.path) == ["/simple/"])
        site.server.clearFaults()
        try site.sync("unchanged")
        try site.sync("unchanged")
        #expect(site.server.requests.map(\.status) == [304])
    }

    @Test("an upstream that was set back for good is followed once that is accepted", arguments: [true, false])
    func setBack(serials: Bool) throws {
        let site = try PyPISite(serials ? [] : ["projects: [alpha, beta]"], serials: serials)
        let first = try state(site)
        try site.change { try $0.add(PythonPackage("alpha", "2.0"), PythonPackage("gamma")) }
        try site.sync()
        answer(site, first)
        for _ in 0..<2 { #expect("\(try site.sync("unchanged"))".contains("sync with --accept-removals")) }
        try site.sync("changed", "--accept-removals")
        #expect(try site.filenames("alpha").count == 1 && !site.isPublished("simple/gamma"))
        #expect(!"\(try site.sync("unchanged"))".contains("--accept-removals"))
    }

    @Test(
        "a page that is older than the one that is mirrored takes nothing back where projects are named",
        arguments: ["", "dependencies: true, python: [3.11], platforms: [manylinux_2_17_x86_64]"])
    func olderNamed(filter: String) throws {
        let site = try PyPISite(["projects: [alpha]", "filter: {\(filter)}"])
        let first = try state(site)
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try site.sync()
        answer(site, first)
        for words in [[], ["--full"]] {
            let older = try site.sync("unchanged", words)
            #expect("\(older)".contains("the page of alpha is at serial 2, which was 3 before"), "\(older)")
        }
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0"])
    }

    @Test("a mirror of a mirror sees what another filter there has changed, and asks for every page of a filtered one")
    func filteredUpstream() throws {
        let site = try PyPISite(["filter: {latest: 1}"], serials: true)
        try site.change { try $0.add(PythonPackage("alpha", "2.0")) }
        try site.sync()
        let nginx = try site.nginx()
        let second = try PyPISite(["upstream: \(nginx.url)/python/simple/"])
        try second.sync()
        #expect(try second.filenames("alpha").count == 1)
        for (filter, count) in [("filter: {latest: 2}", 2), ("sign: true", 2), ("filter: {formats: [sdist]}", 0)] {
            site.section = [filter]
            try site.configure()
            #expect(try site.chantal("sync").status == 0)
            #expect(try second.chantal("sync", "--accept-removals").status == 0)
            #expect(try second.filenames("alpha").count == count, "\(filter)")
        }
    }

    @Test("links that are no files are passed over, in silence; one that only looks so takes no other project down")
    func otherLinks() throws {
        let site = try PyPISite(form: .html)
        let page = site.upstream.path("simple/alpha/index.html")
        let links = [
            "../", "/", "javascript:history.back()", "mailto:x@example.org", "https://example.org/home",
            "/#sha256=\(String(repeating: "ab", count: 32))", "alpha-1.0-py3-none-any.whl.asc",
        ].map { "<a href=\"\($0)\">up</a>" }.joined()
        try Files.write(try Files.text(page) + links, to: page)
        try site.sync()
        #expect(try site.filenames("alpha") == ["alpha-1.0-py3-none-any.whl"])
        #expect(try site.filenames("beta").count == 1)
        site.section = ["verify: false"]
        try site.configure()
        let answer = try site.chantal("sync")
        #expect(answer.status == 0, "\(answer)")
        #expect(try site.filenames("alpha").count == 1)
    }

    @Test("a listing of directories serves as the list of projects")
    func listing() throws {
        let site = try PyPISite(form: .html)
        site.server.fault(
            "/simple/",
            .content(
                Array(
                    "<h1>Index of /simple/</h1><a href='../'>../</a><a href='alpha/'>alpha/</a> - <a href='beta/'>beta/</a>"
                        .utf8)))
        try site.sync()
        #expect(try site.filenames("alpha").count == 1 && site.filenames("beta").count == 1)
    }

    @Test("names in the list that are none are told; a list of nothing else is refused")
    func invalidNames() throws {
        let site = try PyPISite(form: .html)
        site.server.fault("/simple/", .content(Array("<a href='alpha/'>alpha</a><a href='-/'>what?</a>".utf8)))
        let answer = try site.sync()
        #expect("\(answer)".contains("'what?'"), "\(answer)")
        site.server.clearFaults()
        site.server.fault("/simple/", .content(Array("<a href='%21/'>one!</a><a href='-/'>two!</a>".utf8)))
        let failed = try site.sync("failed")
        #expect(failed.errors.contains("'one!', 'two!'"), "\(failed)")
        #expect(try site.filenames("alpha").count == 1)
    }

    @Test(
        "a login page in the place of a project's JSON is that project's error",
        arguments: ["<html>login</html>", "[]"])
    func loginPage(text: String) throws {
        let site = try PyPISite()
        site.server.fault(
            "/simple/alpha/", .content(Array(text.utf8)), .field("Content-Type", "application/vnd.pypi.simple.v1+json"))
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("alpha"), "\(partial)")
        #expect(!site.isPublished("simple/alpha/index.html") && site.isPublished("simple/beta/index.html"))
    }
}
