import Basics
import Foundation
import TestSupport
import Testing

/// What only a process of its own can show: streams, signals, locks.
@Suite("The process")
struct ProcessTests {
    /// A configuration whose upstream takes its time before it answers.
    private func stalled() throws -> (home: TestSupport.TemporaryDirectory, server: LoopbackServer) {
        let home = try TestSupport.TemporaryDirectory("process")
        let server = try LoopbackServer(root: home.makeDirectory("upstream"))
        server.fault("*", .delay(seconds: 20))
        _ = try home.write(
            "store: store\nrepositories:\n"
                + "  slow: {type: apt, upstream: '\(server.url)', suites: [stable], verify: false, network: {proxy: none}}\n",
            to: "chantal.yaml")
        #expect(Run("--config", home.path("chantal.yaml"), "init").status == 0)
        return (home, server)
    }

    private func waitForRequest(_ server: LoopbackServer) {
        for _ in 0..<500 where server.requests.isEmpty { pause(seconds: 0.02) }
        #expect(!server.requests.isEmpty)
    }

    @Test(
        "a signal ends a sync cleanly with its status, and the history says so",
        arguments: [SIGINT, SIGTERM])
    func signals(signal: Int32) throws {
        let (home, server) = try stalled()
        let config = home.path("chantal.yaml")
        let process = try Subprocess.spawn([Project.chantal(), "--config", config, "--json", "sync"])
        waitForRequest(server)

        let second = try Subprocess.run([Project.chantal(), "--config", config, "--json", "sync"])
        #expect(second.status == 75, "\(second.report)")
        #expect(second.stdout.contains("\"status\":\"locked\""))
        #expect(second.stdout.contains("\"code\":\"locked\""))

        process.kill(signal)
        let ended = try process.wait(timeout: 20)
        #expect(ended.termination == .exited(128 + signal), "\(ended.report)")
        #expect(ended.stdout.contains("\"status\":\"interrupted\""))
        let rows = Run("--config", config, "--json", "status").json["repositories"] as? [[String: Any]]
        #expect(rows?.first?["state"] as? String == "interrupted")
    }

    @Test("a reader that goes away is no failure, a full disk is")
    func streams() throws {
        let chantal = try Project.chantal()
        for (command, status) in [
            ("\"$0\" help --markdown | true; exit ${PIPESTATUS[0]}", 0), ("\"$0\" --version >&-", 0),
            ("\"$0\" --version > /dev/full", 1), ("\"$0\" nonsense 2>&-", 2),
            ("\"$0\" nonsense --json | true; exit ${PIPESTATUS[0]}", 2),
        ] {
            let result = try Subprocess.run(["bash", "-c", command, chantal])
            #expect(result.status == Int32(status), "\(result.report)")
        }
    }

    @Test("no colour without a terminal, and --quiet leaves standard error empty")
    func quiet() throws {
        let result = try Subprocess.run([Project.chantal(), "-q", "help"])
        #expect(!result.stdout.contains("\u{1b}"))
        #expect(result.stderr == "")
    }
}
