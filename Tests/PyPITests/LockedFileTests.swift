import TestSupport
import Testing

@Suite("Locked files and hashes")
struct LockedFileTests {
    private static let wrong = String(repeating: "ab", count: 32)

    private func site(_ section: [String]) throws -> PyPISite {
        try PyPISite(
            section,
            packages: [
                PythonPackage("alpha", "1.0", hasSource: true), PythonPackage("alpha", "1.1"), PythonPackage("beta"),
            ])
    }

    private func pylock(_ site: PyPISite, _ files: [(name: String, project: String, sha256: String)]) throws {
        let packages = files.map { file in
            """
            [[packages]]
            name = "\(file.project)"
            wheels = [{name = "\(file.name)", url = "\(site.server.url)/x/\(file.name)", hashes = {sha256 = "\(file.sha256)"}}]

            """
        }
        try site.home.write("lock-version = \"1.0\"\ncreated-by = \"test\"\n" + packages.joined(), to: "pylock.toml")
    }

    private func hash(_ site: PyPISite, _ project: String, _ index: Int = 0) throws -> String {
        try #require(site.upstream.projects[project]?.files[index].sha256)
    }

    @Test("a locked file that upstream has not, or has with another hash, is an error that names it and the lock")
    func pylock() throws {
        let site = try site(["lock: pylock.toml"])
        let good = ("beta-1.0-py3-none-any.whl", "beta", try hash(site, "beta"))
        try pylock(
            site,
            [
                good, ("alpha-7.0-py3-none-any.whl", "alpha", LockedFileTests.wrong),
                ("alpha-1.1-py3-none-any.whl", "alpha", LockedFileTests.wrong),
            ])
        let partial = try site.sync("partial")
        #expect(
            partial.errors.contains("pylock.toml:8: upstream has no file alpha-7.0-py3-none-any.whl of alpha"),
            "\(partial)")
        #expect(
            partial.errors.contains("pylock.toml:11: the file alpha-1.1-py3-none-any.whl of alpha has sha256:"),
            "\(partial)")
        #expect(try site.filenames("beta").count == 1)
        try pylock(site, [good, ("alpha-1.1-py3-none-any.whl", "alpha", try hash(site, "alpha", 2))])
        try site.sync()
        #expect(try site.filenames("alpha") == ["alpha-1.1-py3-none-any.whl"])
        try site.sync("unchanged")
    }

    @Test("what the index has no SHA-256 of is checked by that of the lock")
    func undeclared() throws {
        let site = try site(["lock: pylock.toml"])
        let name = "alpha-1.1-py3-none-any.whl"
        let digest = try hash(site, "alpha", 2)
        try site.change { $0.edit("alpha", name) { ($0.sha256, $0.metadata) = (nil, nil) } }
        try pylock(site, [(name, "alpha", LockedFileTests.wrong)])
        #expect(try site.sync("partial").errors.contains(name))
        #expect(try site.filenames("alpha").isEmpty)
        try pylock(site, [(name, "alpha", digest)])
        try site.sync()
        #expect(try site.filenames("alpha") == [name])
        try site.sync("unchanged")
    }

    @Test("a lock's hash by another algorithm is checked, whether the index has one of that kind or not")
    func otherAlgorithms() throws {
        let site = try site(["lock: pylock.toml"])
        let name = "alpha-1.1-py3-none-any.whl"
        let file = try #require(try Files.walk(site.upstream.root).first { $0.hasSuffix("/\(name)") })
        let sum = try Subprocess.run(["sha512sum", "\(site.upstream.root)/\(file)"]).checked().stdout.prefix(128)
        func lock(_ hash: String) throws {
            try site.home.write(
                """
                lock-version = "1.0"
                created-by = "test"
                [[packages]]
                name = "alpha"
                wheels = [{name = "\(name)", url = "\(site.server.url)/x/\(name)", hashes = {sha512 = "\(hash)"}}]

                """, to: "pylock.toml")
        }
        try lock(String(repeating: "ab", count: 64))
        #expect(try site.sync("partial").errors.contains(name))
        #expect(try site.filenames("alpha").isEmpty)
        try lock(String(sum))
        try site.sync()
        #expect(try site.filenames("alpha") == [name])
        try site.sync("unchanged")
    }

    @Test("every file that uv.lock names is wanted exactly; one may be allowed to be missing")
    func uvLock() throws {
        let site = try site(["lock: uv.lock"])
        let wheel = try hash(site, "alpha")
        try site.home.write(
            """
            version = 1
            [[package]]
            name = "alpha"
            version = "1.0"
            source = { registry = "https://example.org/simple" }
            sdist = { url = "https://example.org/f/alpha-1.0.tar.gz", hash = "sha256:\(LockedFileTests.wrong)" }
            wheels = [
                { url = "https://example.org/f/alpha-1.0-py3-none-any.whl", hash = "sha256:\(wheel)" },
                { url = "https://example.org/f/alpha-1.0-cp39-cp39-win32.whl", hash = "sha256:\(wheel)" },
            ]

            """, to: "uv.lock")
        let partial = try site.sync("partial")
        #expect(partial.errors.contains("uv.lock:6: the file alpha-1.0.tar.gz of alpha has sha256:"), "\(partial)")
        #expect(partial.errors.contains("uv.lock:9: upstream has no file alpha-1.0-cp39-cp39-win32.whl"), "\(partial)")
        #expect(try site.filenames("alpha") == ["alpha-1.0-py3-none-any.whl"])
        site.section.append("allow_missing: ['packages/alpha/*win32.whl', 'packages/alpha/alpha-1.0.tar.gz']")
        try site.configure()
        #expect(try site.chantal("sync").status == 0)
        site.section = ["lock: uv.lock", "on_missing: fail"]
        try site.configure()
        try site.sync("failed")
    }

    @Test("the same where dependencies are looked for; a project that is not there is named with its line, too")
    func dependencies() throws {
        let site = try site([
            "requirements: requirements.txt", "lock: pylock.toml",
            "filter: {dependencies: true, latest: 1, python: [3.11], platforms: [manylinux_2_17_x86_64]}",
        ])
        try site.home.write(
            "beta\nalpha==1.1 --hash=sha256:\(LockedFileTests.wrong)\nnever\n", to: "requirements.txt")
        try pylock(
            site,
            [
                ("alpha-1.0-py3-none-any.whl", "alpha", try hash(site, "alpha")),
                ("alpha-7.0-py3-none-any.whl", "alpha", LockedFileTests.wrong),
                ("gone-1.0-py3-none-any.whl", "gone", LockedFileTests.wrong),
            ])
        let partial = try site.sync("partial")
        for message in [
            "requirements.txt:2: alpha==1.1: 'alpha==1.1' is not met", "one of the hashes that are asked for",
            "pylock.toml:8: upstream has no file alpha-7.0", "pylock.toml:11: upstream has no project gone",
            "requirements.txt:3: never",
        ] {
            #expect(partial.errors.contains(message), "\(partial)")
        }
        #expect(try site.filenames("alpha") == ["alpha-1.0-py3-none-any.whl"])
        #expect(try site.filenames("beta").count == 1)
        site.section = ["requirements: requirements.txt"]
        try site.configure()
        #expect(try site.sync("partial").errors.contains("requirements.txt:3: upstream has no project never"))
    }

    @Test("a hash that no file of the version has is an error with the requirement's place; one of several is enough")
    func hashes() throws {
        let site = try site(["requirements: requirements.txt"])
        let wrong = "--hash=sha256:\(LockedFileTests.wrong)"
        try site.home.write("beta\nalpha==1.1 \(wrong)\n", to: "requirements.txt")
        let partial = try site.sync("partial")
        #expect(
            partial.errors.contains(
                "requirements.txt:2: alpha: upstream has no file of a version '==1.1' with the hash"), "\(partial)")
        #expect(try site.filenames("beta").count == 1)
        try site.home.write("alpha==1.1 \(wrong) --hash=sha256:\(try hash(site, "alpha", 2))\n", to: "requirements.txt")
        try site.sync()
        #expect(try site.filenames("alpha") == ["alpha-1.1-py3-none-any.whl"])
    }

    @Test("what is asked for and cannot be met is an error of every sync, not of the first alone")
    func everySync() throws {
        let site = try site(["requirements: requirements.txt"])
        try site.home.write("beta\nalpha==7\n", to: "requirements.txt")
        for _ in 0..<2 { #expect(try site.sync("partial").errors.contains("alpha: upstream has no version '==7'")) }
        try site.change { try $0.add(PythonPackage("alpha", "7")) }
        try site.sync()
        try site.sync("unchanged")
    }

    @Test(
        "whatever is asked for of a project under quarantine is an error that names the line and the reason",
        arguments: ["", "dependencies: true, python: [3.11], platforms: [manylinux_2_17_x86_64]"])
    func quarantined(filter: String) throws {
        let site = try site(["lock: pylock.toml", "requirements: requirements.txt", "filter: {\(filter)}"])
        let name = "alpha-1.1-py3-none-any.whl"
        try pylock(site, [(name, "alpha", try hash(site, "alpha", 2))])
        try site.home.write("beta\nalpha==1.0 --hash=sha256:\(try hash(site, "alpha"))\n", to: "requirements.txt")
        try site.sync()
        try site.change { $0.edit("alpha") { ($0.status, $0.statusReason) = ("quarantined", "it mines") } }
        for _ in 0..<2 {
            let partial = try site.sync("partial")
            let lines = ["pylock.toml:5: upstream has put the project alpha under quarantine (it mines)", name]
            let line = filter.isEmpty ? "requirements.txt:2: upstream has put" : "requirements.txt:2: alpha==1.0"
            for message in lines + [line] { #expect(partial.errors.contains(message), "\(partial)") }
            #expect(try site.filenames("alpha").isEmpty && site.filenames("beta").count == 1)
        }
        site.section.removeFirst()
        try site.home.write("beta\n", to: "requirements.txt")
        try site.configure()
        #expect(try site.chantal("sync").status == 0)
    }

    @Test(
        "a project that is named and under quarantine is told, and an error to a requirement; one of a whole index is neither"
    )
    func quarantinedName() throws {
        let site = try site(["projects: [alpha, beta]"])
        try site.change { $0.edit("alpha") { $0.status = "quarantined" } }
        #expect("\(try site.sync())".contains("upstream has put the project alpha under quarantine"))
        #expect(try site.filenames("alpha") == [])
        try site.home.write("alpha\n", to: "requirements.txt")
        site.section = ["projects: [beta]", "requirements: requirements.txt"]
        try site.configure()
        #expect(try site.sync("partial").errors.contains("upstream has put the project alpha under quarantine"))
        site.section = ["projects: [beta]", "requirements: requirements.txt", "allow_missing: [simple/alpha]"]
        try site.configure()
        #expect("\(try site.sync("unchanged"))".contains("under quarantine"))
        site.section = []
        try site.configure()
        #expect(!"\(try site.sync("unchanged"))".contains("under quarantine"))
    }

    @Test("locked files of which the filter lets none through are an error; those for other platforms are none")
    func filteredLock() throws {
        let site = try site(["lock: pylock.toml", "filter: {exclude: ['alpha==1.1']}"])
        let name = "alpha-1.1-py3-none-any.whl"
        try pylock(
            site,
            [
                (name, "alpha", try hash(site, "alpha", 2)),
                ("beta-1.0-py3-none-any.whl", "beta", try hash(site, "beta")),
            ]
        )
        for _ in 0..<2 {
            let partial = try site.sync("partial")
            #expect(
                partial.errors.contains(
                    "pylock.toml:5: alpha: the filter lets through nothing that is asked for, such as \(name)"),
                "\(partial)")
        }
        #expect(try site.filenames("beta").count == 1)
        site.section[1] = "filter: {platforms: [win_amd64], formats: [wheel]}"
        try site.configure()
        try site.sync()
        try site.change {
            let name = try $0.add(PythonPackage("gamma", tags: ["cp311-cp311-manylinux_2_17_x86_64"]))[0].filename
            try pylock(site, [(name, "gamma", try #require($0.projects["gamma"]?.files[0].sha256))])
        }
        #expect(try site.chantal("sync").status == 0)
    }
}
