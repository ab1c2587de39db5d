import Basics
import Glibc
import TestSupport
import Testing

@Suite("The loopback server, as curl sees it", .timeLimit(.minutes(2)))
struct LoopbackServerTests {
    let directory: TemporaryDirectory
    let server: LoopbackServer
    let content = Array((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) })

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(content, to: "pool/a+b~1%3a2.deb")
        try directory.write("pointer\n", to: "InRelease")
        server = try LoopbackServer(root: directory.path)
    }

    @discardableResult
    private func curl(_ arguments: String...) throws -> ProcessResult {
        try Subprocess.run(["curl", "-sS", "--noproxy", "*"] + arguments, timeout: 30)
    }

    private let deb = "pool/a%2Bb~1%253a2.deb"

    @Test("serves bytes, HEAD, keep-alive and the decoded name")
    func serves() throws {
        let result = try curl(server.url(deb)).checked()
        #expect(result.standardOutput == content)
        try curl("-o", "/dev/null", "-o", "/dev/null", server.url("InRelease"), server.url("InRelease")).checked()
        let head = try curl("-I", server.url("InRelease")).checked().stdout
        #expect(head.contains("Content-Length: 8"))
        let log = server.requests
        #expect(log.map(\.status) == [200, 200, 200, 200])
        #expect(log[0].path == "/pool/a+b~1%3a2.deb")
        #expect(log[1].connection == log[2].connection)
        #expect(log[0].bodyBytes == content.count)
        #expect(try curl("-o", "/dev/null", "-w", "%{http_code}", server.url("none")).stdout == "404")
    }

    @Test("answers 304 to its own ETag and its own date")
    func conditions() throws {
        let head = try curl("-I", server.url("InRelease")).checked().stdout
        func field(_ name: String) -> String {
            let line = head.split(separator: "\r\n").first { $0.hasPrefix(name) }
            return line.map { String($0.dropFirst(name.count + 2)) } ?? ""
        }
        for condition in [
            "If-None-Match: \(field("ETag"))", "If-Modified-Since: \(field("Last-Modified"))",
        ] {
            try curl("-H", condition, server.url("InRelease")).checked()
            #expect(server.requests.last?.status == 304)
        }
        try curl("-H", "If-None-Match: \"other\"", server.url("InRelease")).checked()
        #expect(server.requests.last?.status == 200)
    }

    @Test("serves ranges, and the whole when If-Range does not hold")
    func ranges() throws {
        let tail = try curl("-r", "199000-", server.url(deb)).checked()
        #expect(tail.standardOutput == Array(content[199_000...]))
        #expect(server.requests.last?.status == 206)
        let whole = try curl("-r", "199000-", "-H", "If-Range: \"other\"", server.url(deb)).checked()
        #expect(whole.standardOutput == content)
        try curl("-r", "200000-", server.url(deb)).checked()
        #expect(server.requests.last?.status == 416)
        server.fault("*", .noRange)
        #expect(try curl("-r", "5-", server.url(deb)).standardOutput == content)
    }

    @Test("a wrong range begins elsewhere", arguments: [true, false])
    func wrongRange(lies: Bool) throws {
        server.fault("*", lies ? .lyingContentRange : .wrongContentRange)
        let result = try curl("-i", "-r", "100-199", server.url(deb))
        #expect(result.stdout.contains(lies ? "bytes 100-199/200000" : "bytes 101-199/200000"))
        let body = lies ? content[..<100] : content[101..<200]
        #expect(Array(result.standardOutput.suffix(body.count)) == Array(body))
    }

    @Test("rules count: skip one, meet two, then none")
    func counts() throws {
        server.fault("*/InRelease", skip: 1, count: 2, .retryAfter(7, status: 429))
        for _ in 0..<4 { try curl("-o", "/dev/null", server.url("InRelease")) }
        #expect(server.requests.map(\.status) == [200, 429, 429, 200])
        let answer = try curl("-i", server.url("InRelease")).stdout
        #expect(!answer.contains("Retry-After"))
    }

    @Test("flipped, cut, truncated, shortened and lengthened bodies")
    func bodies() throws {
        server.fault("*", count: 1, .flipByte(at: 150_000))
        var flipped = content
        flipped[150_000] = ~flipped[150_000]
        #expect(try curl(server.url(deb)).checked().standardOutput == flipped)

        server.fault("*", count: 1, .cut(after: 70_000))
        let cut = try curl(server.url(deb))
        #expect([18, 56].contains(cut.status))

        server.fault("*", count: 1, .truncate(to: 70_000))
        let truncated = try curl(server.url(deb))
        #expect(truncated.status == 18)
        #expect(truncated.standardOutput == Array(content[..<70_000]))

        server.fault("*", count: 1, .shorten(to: 70_000))
        #expect(try curl(server.url(deb)).checked().standardOutput == Array(content[..<70_000]))

        server.fault("*", count: 1, .lengthen(by: [1, 2, 3]))
        #expect(try curl(server.url(deb)).checked().standardOutput == content + [1, 2, 3])

        server.fault("*", count: 1, .chunked)
        #expect(try curl(server.url(deb)).checked().standardOutput == content)
    }

    @Test("endless, stalled and slow bodies, and no answer")
    func times() throws {
        server.fault("*", count: 1, .endless)
        let endless = try curl("--max-filesize", "1000000", "-m", "2", "-o", "/dev/null", server.url(deb))
        #expect(endless.status == 28 || endless.status == 63)
        server.fault("*", count: 1, .stall(after: 1000))
        let stalled = try curl("-m", "4", server.url(deb))
        #expect(stalled.status == 28)
        #expect(stalled.standardOutput == Array(content[..<1000]))
        server.fault("*", count: 1, .slow(bytesPerSecond: 400_000))
        let slow = try curl(server.url(deb)).checked()
        #expect(slow.standardOutput == content)
        #expect(slow.seconds > 0.4)
        server.fault("*", count: 1, .noAnswer)
        #expect(try curl(server.url(deb)).status == 52)
    }

    @Test("redirects, pages, credentials and changing content")
    func answers() throws {
        server.fault("/old", count: 1, .redirect(to: server.url("InRelease")))
        #expect(try curl("-L", server.url("old")).checked().stdout == "pointer\n")
        server.fault("/InRelease", count: 1, .html)
        #expect(try curl(server.url("InRelease")).checked().stdout.contains("<html>"))
        server.fault("/InRelease", count: 1, .content([65]))
        server.fault("/InRelease", count: 1, .content([66]))
        #expect(try curl(server.url("InRelease")).stdout == "A")
        #expect(try curl(server.url("InRelease")).stdout == "B")
        #expect(try curl(server.url("InRelease")).stdout == "pointer\n")
        server.fault("*", .basicAuth(user: "u", password: "p w"))
        #expect(try curl("-f", server.url("InRelease")).status == 22)
        #expect(try curl("-u", "u:p w", server.url("InRelease")).stdout == "pointer\n")
    }

    @Test("is a forward proxy for http and a tunnel, and reaches loopback only")
    func proxy() throws {
        let proxy = try LoopbackServer(.nothing)
        proxy.fault("/InRelease", skip: 1, count: 1, .flipByte(at: 0))
        @discardableResult
        func through(_ more: String...) throws -> ProcessResult {
            try Subprocess.run(["curl", "-sS", "--noproxy", "", "-x", proxy.url] + more, timeout: 20)
        }
        #expect(try through(server.url(deb)).checked().standardOutput == content)
        #expect(try through("-r", "0-9", server.url(deb)).checked().standardOutput == Array(content[..<10]))
        #expect(try through(server.url("InRelease")).checked().stdout == "pointer\n")
        #expect(try through(server.url("InRelease")).checked().stdout != "pointer\n")
        #expect(try through("-p", server.url("InRelease")).checked().stdout == "pointer\n")
        #expect(proxy.requests.last?.method == "CONNECT")
        #expect(try through("-f", "http://elsewhere.invalid/").status == 22)
        #expect(proxy.requests.first?.origin == server.url)
    }

    @Test("stands before another server and breaks what it answers")
    func reverse() throws {
        let injector = try LoopbackServer(.port(server.port))
        injector.fault("*.deb", count: 1, .cut(after: 10))
        #expect(try curl(injector.url(deb)).status != 0)
        #expect(try curl(injector.url(deb)).checked().standardOutput == content)
    }

    @Test("stop ends stalled transfers at once")
    func stopping() throws {
        server.fault("*", .stall(after: 1))
        let client = try Subprocess.spawn(["curl", "-sS", server.url("InRelease")])
        while server.requests.first?.status != 200 { pause(seconds: 0.005) }
        server.stop()
        #expect(try client.wait(timeout: 5).status != 0)
    }
}
