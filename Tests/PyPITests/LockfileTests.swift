import Basics
import Testing

@testable import PyPI

@Suite("Lock files")
struct LockfileTests {
    static let digest = String(repeating: "ab", count: 32)
    static let pylock = """
        lock-version = "1.0"
        requires-python = ">=3.9"
        extras = ["Cli_Tools"]
        dependency-groups = ["dev"]

        [[packages]]
        name = "attrs"
        version = "25.1.0"
        index = "https://example.org/simple/"
        [[packages.wheels]]
        url = "https://example.org/files/attrs-25.1.0-py3-none-any.whl"
        upload-time = 2025-01-25T11:30:10.164985Z
        size = 63152
        hashes = {sha256 = "\(digest)"}
        [packages.sdist]
        name = "attrs-25.1.0.tar.gz"
        url = "https://example.org/files/x"
        hashes = {sha256 = "\(digest)", blake9 = "00"}

        [[packages]]
        name = "Win.Thing"
        version = "1.0+a"
        marker = "sys_platform == 'win32' and 'cli-tools' in extras"
        wheels = [{url = "https://example.org/w/win_thing-1.0%2Ba-cp311-cp311-win_amd64.whl", hashes = {sha256 = "\(digest)"}}]

        [[packages]]
        name = "tree"
        directory = {path = "."}
        """
    static let uvLock = """
        version = 1
        revision = 3
        requires-python = ">=3.11"

        [[package]]
        name = "app"
        version = "0.1.0"
        source = { virtual = "." }
        dependencies = [{ name = "anyio" }]

        [[package]]
        name = "anyio"
        version = "4.3.0"
        source = { registry = "https://example.org/simple" }
        sdist = { url = "https://example.org/f/anyio-4.3.0.tar.gz", hash = "sha256:\(digest)", size = 159642, upload-time = "2024-02-19T08:36:28.641Z" }
        wheels = [
            { url = "https://example.org/f/anyio-4.3.0-py3-none-any.whl", hash = "sha256:\(digest)", size = 85584 },
        ]

        [[package]]
        name = "vcs"
        version = "1"
        source = { git = "https://example.org/x?rev=1#2" }
        """

    private func read(_ text: String) throws -> LockFile { try LockFile.read(Array(text.utf8), file: "x.lock") }

    @Test("pylock.toml names files with their hashes, sizes and markers")
    func pylockFiles() throws {
        let lock = try read(LockfileTests.pylock)
        #expect(
            lock.files.map(\.filename) == [
                "attrs-25.1.0-py3-none-any.whl", "attrs-25.1.0.tar.gz", "win_thing-1.0+a-cp311-cp311-win_amd64.whl",
            ])
        let first = try need(lock.files.first)
        #expect(first.size == 63152 && first.checksums.map(\.hex) == [LockfileTests.digest] && first.wheel != nil)
        #expect(first.uploadTime?.rfc3339 == "2025-01-25T11:30:10Z" && first.index == "https://example.org/simple/")
        #expect(lock.unusable.map(\.place) == ["x.lock:26"] && lock.requiresPython == ">=3.9")
    }

    @Test("of a lock file only what the targets need is taken")
    func targets() throws {
        let lock = try read(LockfileTests.pylock)
        func names(_ platform: String) throws -> [String] {
            let target = try need(Target(python: "3.11", platform: try need(TargetPlatform(platform))))
            return try lock.files(for: [target]).map(\.filename)
        }
        #expect(try names("manylinux_2_17_x86_64") == ["attrs-25.1.0-py3-none-any.whl"])
        #expect(try names("win_amd64").count == 2)
    }

    @Test("uv.lock names files with hash, size and time; the project itself is left out silently")
    func uvFiles() throws {
        let lock = try read(LockfileTests.uvLock)
        #expect(lock.files.map(\.filename) == ["anyio-4.3.0-py3-none-any.whl", "anyio-4.3.0.tar.gz"])
        #expect(lock.files[1].uploadTime?.rfc3339 == "2024-02-19T08:36:28Z" && lock.files[1].wheel == nil)
        #expect(lock.unusable.count == 1 && lock.unusable[0].reason.contains("git"))
    }

    @Test(
        "what breaks its format is refused with its place",
        arguments: [
            "x = 1", "lock-version = \"2.0\"", "version = 2", "lock-version = 1", "lock-version='1.0'\npackages = 3",
            "lock-version='1.0'\n[[packages]]\nname = '../x'", "lock-version='1.0'\n[[packages]]\nname='a'\nmarker='b'",
            "lock-version='1.0'\n[[packages]]\nname='a'\n[packages.sdist]\nname='a-1.tar.gz'",
            "lock-version='1.0'\n[[packages]]\nname='a'\nversion='2'\n[packages.sdist]\nurl='https://x/a-1.tar.gz'",
            "lock-version='1.0'\n[[packages]]\nname='a'\n[packages.sdist]\nurl='https://x/b-1.tar.gz'",
            "lock-version='1.0'\n[[packages]]\nname='a'\n[packages.sdist]\nurl='https://x/a-1.tar.gz'\nhashes={sha256='12'}",
            "version = 1\n[[package]]\nname='a'", "version = 1\n[[package]]\nversion='1'",
        ])
    func invalid(text: String) {
        let error = #expect(throws: ChantalError.self, "\(text)") { try read(text) }
        #expect(error?.code == .malformed && error?.message.hasPrefix("x.lock:") == true)
    }
}
