import Foundation
import TestSupport
import Testing

@Suite("Selecting files of an index")
struct SelectionTests {
    private func filenames(_ site: PyPISite, _ project: String) throws -> [String] {
        try site.filenames(project).sorted()
    }

    @Test("specifiers, latest, pins and pre-releases choose versions")
    func versions() throws {
        let versions = ["1.0", "1.1", "1.9", "1.10", "2.0b1", "2.0.dev1"]
        let site = try PyPISite(
            ["projects: [alpha]", "filter: {latest: 2}"], packages: versions.map { PythonPackage("alpha", $0) })
        func check(_ section: [String], _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation) throws
        {
            site.section = section
            try site.configure()
            let answer = try site.chantal("sync")
            #expect(answer.status == 0, "\(answer)", sourceLocation: sourceLocation)
            #expect(try site.page("alpha")["versions"] as? [String] == expected, sourceLocation: sourceLocation)
        }
        try check(["projects: [alpha]", "filter: {latest: 2}"], ["1.9", "1.10"])
        try check(["projects: [alpha]", "filter: {latest: 2, prereleases: true}"], ["2.0.dev1", "2.0b1"])
        try check(["projects: [alpha, \"alpha==1.0\"]", "filter: {latest: 1}"], ["1.0", "1.10"])
        try check(["projects: [\"alpha<1.9\"]", "filter: {latest: 1}"], ["1.1"])
        try check(["projects: [\"alpha>=2.0b1\"]", "filter: {latest: 1}"], ["2.0b1"])
        try check(["projects: [\"alpha>1.5\"]"], ["1.9", "1.10", "2.0.dev1", "2.0b1"])
        try check(["filter: {exclude: [\"alpha<1.9\"]}"], ["1.9", "1.10"])
        try check(["filter: {include: [\"al*\"], latest: 1}"], ["1.10"])
    }

    @Test("patterns match names however they are spelled")
    func spelling() throws {
        let site = try PyPISite(packages: [
            PythonPackage("Gamma_Ray"), PythonPackage("alpha"), PythonPackage("odd.thing"),
        ])
        func check(_ filter: String, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
            site.section = ["filter: {\(filter)}"]
            try site.configure()
            #expect(try site.chantal("sync").status == 0, sourceLocation: sourceLocation)
            let projects = ["alpha", "gamma-ray", "odd-thing"]
            let found = projects.filter { site.isPublished("simple/\($0)") }
            #expect(found == expected, sourceLocation: sourceLocation)
        }
        try check("include: [Gamma_Ray, 'ODD.*']", ["gamma-ray", "odd-thing"])
        try check("include: ['gamma__r[A-Z]y']", ["gamma-ray"])
        try check("exclude: [GAMMA.RAY, '/^odd-/']", ["alpha"])
    }

    @Test("a requirement that no version upstream meets is an error, and what else is wanted comes in")
    func unmet() throws {
        let site = try PyPISite(["projects: [\"alpha==77\", beta]"])
        let answer = try site.sync("partial")
        #expect(answer.errors.contains("alpha: upstream has no version '==77'; the newest is 1.0"), "\(answer)")
        #expect(try filenames(site, "beta").count == 1)
        site.section = ["projects: [\"alpha==77\", \"alpha<2\", beta]"]
        try site.configure()
        #expect(try site.sync("partial").errors.contains("==77"))
        #expect(try filenames(site, "alpha").count == 1)
    }

    @Test("python, platforms, formats and yanked choose files; a tightened filter prunes")
    func files() throws {
        let linux = "manylinux_2_17_x86_64"
        let site = try PyPISite(
            packages: [
                PythonPackage(
                    "alpha", "1.0", tags: ["cp311-cp311-\(linux)", "cp312-cp312-\(linux)", "cp311-cp311-win_amd64"],
                    hasSource: true),
                PythonPackage("beta", "1.0", requiresPython: ">=3.12"), PythonPackage("gamma", "1.0", padding: 50_000),
            ])
        try site.change { $0.edit("beta", "beta-1.0-py3-none-any.whl") { $0.yanked = "bad" } }
        try site.sync()
        #expect(try filenames(site, "alpha").count == 4)
        func check(
            _ filter: String, alpha: [String], beta: Int = 1, gamma: Int = 1,
            sourceLocation: SourceLocation = #_sourceLocation
        ) throws {
            site.section = ["filter: {\(filter)}"]
            try site.configure()
            try site.sync(sourceLocation: sourceLocation)
            let found = try filenames(site, "alpha").map {
                $0.replacing("alpha-1.0", with: "").replacing("-\(linux).whl", with: "")
            }
            #expect(found == alpha, sourceLocation: sourceLocation)
            #expect(
                try filenames(site, "beta").count == beta && filenames(site, "gamma").count == gamma,
                sourceLocation: sourceLocation)
        }
        try check("python: [3.11], platforms: [\(linux)]", alpha: ["-cp311-cp311", ".tar.gz"], beta: 0)
        try check("python: [3.12], platforms: [\(linux)], formats: [wheel]", alpha: ["-cp312-cp312"])
        try check("platforms: [win_amd64], formats: [wheel]", alpha: ["-cp311-cp311-win_amd64.whl"])
        try check("python: [3.11]", alpha: ["-cp311-cp311", "-cp311-cp311-win_amd64.whl", ".tar.gz"], beta: 0)
        try check("formats: [sdist]", alpha: [".tar.gz"], beta: 0, gamma: 0)
        try check(
            "yanked: false, max_size: 20kB",
            alpha: ["-cp311-cp311", "-cp311-cp311-win_amd64.whl", "-cp312-cp312", ".tar.gz"], beta: 0, gamma: 0)
    }

    @Test("what is younger than min_age waits, by its upload time; what the first sync found does not")
    func quarantine() throws {
        let site = try PyPISite(["filter: {min_age: 7d}"])
        let now = Date()
        func time(daysAgo: Double) -> String { now.addingTimeInterval(-86_400 * daysAgo).ISO8601Format() }
        try site.change { $0.edit("alpha", "alpha-1.0-py3-none-any.whl") { $0.uploadTime = time(daysAgo: 1) } }
        try site.sync()
        #expect(try site.filenames("alpha").count == 1)
        try site.change { upstream in
            try upstream.add(PythonPackage("alpha", "2.0"), PythonPackage("alpha", "3.0"), PythonPackage("beta", "2.0"))
            upstream.edit("alpha", "alpha-2.0-py3-none-any.whl") { $0.uploadTime = time(daysAgo: 8) }
            upstream.edit("alpha", "alpha-3.0-py3-none-any.whl") { $0.uploadTime = time(daysAgo: 6) }
        }
        try site.sync()
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0", "2.0"])
        #expect(try site.page("beta")["versions"] as? [String] == ["1.0"])
        try site.sync("unchanged")
    }

    @Test("requirements files, nested, with constraints, hashes and markers, choose projects; a changed one is seen")
    func requirements() throws {
        let site = try PyPISite(
            ["requirements: req/main.txt"],
            packages: ["alpha", "beta", "gamma", "delta"].flatMap { name in
                ["1.0", "2.0"].map { PythonPackage(name, $0) }
            })
        let hash = try #require(site.upstream.projects["gamma"]?.files[0].sha256)
        try site.home.write("\u{feff}-r more.txt\r\nalpha\r\n-c bounds.txt\r\n", to: "req/main.txt")
        try site.home.write("gamma==1.0 \\\n    --hash=sha256:\(hash)\n", to: "req/more.txt")
        try site.home.write("alpha<2\ndelta<2\n", to: "req/bounds.txt")
        try site.sync()
        #expect(try site.page("alpha")["versions"] as? [String] == ["1.0"])
        #expect(try site.page("gamma")["versions"] as? [String] == ["1.0"])
        #expect(!site.isPublished("simple/beta/index.html") && !site.isPublished("simple/delta/index.html"))
        try site.sync("unchanged")
        try site.home.write("beta>1 ; python_version >= '3'\n", to: "req/more.txt")
        try site.sync()
        #expect(try site.page("beta")["versions"] as? [String] == ["2.0"])
        #expect(!site.isPublished("simple/gamma/index.html"))
        try site.home.write("alpha ==\n", to: "req/more.txt")
        #expect(try site.sync("failed").errors.contains("more.txt:1"))
    }

    @Test("lock files choose exactly their files")
    func lock() throws {
        let site = try PyPISite(
            ["lock: pylock.toml"],
            packages: [
                PythonPackage("alpha", "1.0", hasSource: true), PythonPackage("alpha", "2.0"), PythonPackage("beta"),
            ])
        let file = try #require(site.upstream.projects["alpha"]?.files[0])
        try site.home.write(
            """
            lock-version = "1.0"
            created-by = "test"
            [[packages]]
            name = "alpha"
            version = "1.0"
            [[packages.wheels]]
            name = "\(file.filename)"
            url = "\(site.server.url)/files/alpha/\(file.filename)"
            hashes = {sha256 = "\(file.sha256 ?? "")"}

            """, to: "pylock.toml")
        try site.sync()
        #expect(try site.filenames("alpha") == [file.filename])
        #expect(!site.isPublished("simple/beta/index.html"))
    }

    @Test("what the configuration cannot mean is refused with its place")
    func configuration() throws {
        let site = try PyPISite()
        for (line, says) in [
            ("projects: [\"numpy >\"]", "numpy >"), ("projects: [\"a @ https://example.org/a.whl\"]", "URL"),
            ("filter: {python: [three]}", "three"), ("filter: {platforms: [linux]}", "linux"),
            ("filter: {dependencies: true}", "platforms"), ("filter: {include: [\"a>>1\"]}", ">>1"),
        ] {
            site.section = [line]
            try site.configure()
            let answer = try site.chantal("config", "check")
            #expect(answer.status == 2 && answer.description.contains(says), "\(answer)")
        }
    }

    @Test("a version that is asked for and that the filter lets nothing through of is an error with its place")
    func filteredAway() throws {
        let site = try PyPISite(
            ["requirements: requirements.txt", "filter: {exclude: ['alpha<2'], formats: [sdist]}"],
            packages: [PythonPackage("alpha", "1.0"), PythonPackage("beta", "1.0", hasSource: true)])
        try site.home.write("beta\nalpha==1.0\n", to: "requirements.txt")
        for _ in 0..<2 {
            let partial = try site.sync("partial")
            #expect(
                partial.errors.contains(
                    "requirements.txt:2: alpha: the filter lets through nothing that is asked for by '==1.0'"),
                "\(partial)")
        }
        #expect(try site.filenames("alpha").isEmpty && site.filenames("beta").count == 1)
        // What has no version is asked for as far as the filter goes.
        try site.home.write("beta\nalpha\n", to: "requirements.txt")
        #expect(try site.chantal("sync").status == 0)
    }
}
