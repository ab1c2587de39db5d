import Glibc
import TestSupport
import Testing

@Suite("Processes")
struct SubprocessTests {
    @Test("status, both outputs, stdin, directory and environment")
    func run() throws {
        let directory = try TemporaryDirectory()
        let script = "cat; pwd; echo $X >&2; exit 3"
        let result = try Subprocess.run(
            ["sh", "-c", script], environment: ["X": "y z"], directory: directory.path, stdin: Array("in\n".utf8))
        #expect(result.status == 3)
        #expect(result.stdout == "in\n\(directory.path)\n")
        #expect(result.stderr == "y z\n")
        #expect(throws: (any Error).self) { try result.checked() }
        #expect(throws: (any Error).self) { try Subprocess.run(["/does/not/exist"]) }
    }

    @Test("a child gets no descriptor of ours and no proxy")
    func clean() throws {
        // One without O_CLOEXEC: the worst case.
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        setenv("http_proxy", "http://127.0.0.1:1", 1)
        let result = try Subprocess.run(["sh", "-c", "ls /proc/self/fd | wc -l; env"]).checked()
        // 0, 1, 2 and the one that ls reads.
        #expect(result.stdout.hasPrefix("4\n"))
        #expect(!result.stdout.contains("http_proxy"))
    }

    @Test("a killed process says so, one that hangs is ended with its children")
    func kills() throws {
        let sleeper = try Subprocess.spawn(["sleep", "100"])
        #expect(try sleeper.isRunning)
        sleeper.kill(SIGKILL)
        #expect(try sleeper.wait().termination == .signalled(SIGKILL))
        let start = monotonicSeconds()
        #expect(throws: (any Error).self) { try Subprocess.run(["sh", "-c", "sleep 100; true"], timeout: 0.2) }
        #expect(monotonicSeconds() - start < 5)
    }

    @Test("large outputs do not block")
    func large() throws {
        let result = try Subprocess.run(["sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"])
        #expect(result.standardOutput.count == 3_000_000 && result.standardError.count == 3_000_000)
    }
}
