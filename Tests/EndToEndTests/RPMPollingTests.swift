import Basics
import Foundation
import Synchronization
import TestSupport
import Testing

/// Clients that read an RPM repository while it is synced and published anew.
@Suite("Polling of RPM repositories")
struct RPMPollingTests {
    @Test("repomd.xml, metadata and packages always fit, and by the mirrorlist its signature too")
    func republished() throws {
        let station = try RPMStation(states: 6)
        try station.run("sync", "--snapshot", "first")
        let client = PollingClient(port: station.nginx.port)
        let end = monotonicSeconds() + ConcurrentWork.seconds(default: 15)
        let isDone = Atomic<Bool>(false)
        let published = Atomic<Int>(0)
        let polls = Atomic<Int>(0)

        let writer: @Sendable () throws -> Void = {
            defer { isDone.store(true, ordering: .releasing) }
            var number = 0
            while monotonicSeconds() < end {
                if published.add(1, ordering: .relaxed).newValue % 4 == 3 {
                    // Back to an old state, and forward again.
                    try station.run("publish", "r@first", "--as", "r")
                    try station.run("publish", "r")
                } else {
                    number += 1
                    try station.select(number)
                    try station.run("sync")
                }
            }
        }
        func poller(_ seed: UInt64, _ poll: @escaping @Sendable (inout SeededGenerator) throws -> Void)
            -> @Sendable () throws
            -> Void
        {
            {
                var noise = SeededGenerator(seed: seed)
                while !isDone.load(ordering: .acquiring) {
                    try poll(&noise)
                    polls.add(1, ordering: .relaxed)
                }
            }
        }
        try ConcurrentWork.run([
            writer,
            poller(0) { try read(client, station, pausing: false, &$0) },
            poller(1) { try read(client, station, pausing: true, &$0) },
            poller(2) { _ in try readPair(client, station) },
        ])
        print(
            "polling RPM: \(polls.load(ordering: .relaxed)) polls,",
            "\(published.load(ordering: .relaxed)) times published")
        #expect(polls.load(ordering: .relaxed) > 0)
        #expect(published.load(ordering: .relaxed) > 3)
        #expect(try station.nginx.errorLog == "")
        try station.run("verify")
    }

    /// Reads repomd.xml, the metadata that it names and some packages of that state, as a client does.
    private func read(
        _ client: PollingClient, _ station: RPMStation, pausing: Bool, _ noise: inout SeededGenerator
    ) throws {
        let repomd = try client.get("r/repodata/repomd.xml")
        guard repomd.status == 200, let state = station.states.first(where: { $0.repomd == repomd.body }) else {
            throw ChantalError(.mismatch, "repomd.xml: \(repomd.status), \(repomd.body.count) bytes of no state")
        }
        for path in state.metadata + [state.packages.randomElement(using: &noise)!] {
            // A slow client comes back when the repository has gone on.
            if pausing { pause(seconds: Double.random(in: 0..<0.3, using: &noise)) }
            let answer = try client.get("r/\(path)")
            guard answer.status == 200, answer.body == state.files[path] else {
                throw ChantalError(.mismatch, "\(path): \(answer.status), \(answer.body.count) bytes, not its state's")
            }
        }
    }

    /// Takes the URL that the mirrorlist gives: repomd.xml and its signature are of one state there, whatever is published.
    private func readPair(_ client: PollingClient, _ station: RPMStation) throws {
        let list = try client.get("r/mirrorlist")
        let line = String(decoding: list.body, as: UTF8.self)
        guard list.status == 200, line.hasPrefix("\(station.nginx.url)/r@"), line.hasSuffix("\n") else {
            throw ChantalError(.mismatch, "mirrorlist: \(list.status), '\(line)'")
        }
        let base = line.dropFirst(station.nginx.url.count + 1).dropLast().drop { $0 == "/" }
        let name = base.hasSuffix("/") ? String(base) : "\(base)/"
        let repomd = try client.get("\(name)repodata/repomd.xml")
        let signature = try client.get("\(name)repodata/repomd.xml.asc")
        guard repomd.status == 200, signature.status == 200,
            station.states.contains(where: { $0.repomd == repomd.body && $0.signature == signature.body })
        else { throw ChantalError(.mismatch, "\(name): \(repomd.status) and \(signature.status) are no pair") }
    }
}

/// A store with one RPM repository, and an upstream that leads to one of some prepared states.
private final class RPMStation: Sendable {
    struct State: Sendable {
        let root: String
        /// Every file by its path.
        let files: [String: [UInt8]]
        let packages: [String]
        var repomd: [UInt8]? { files["repodata/repomd.xml"] }
        var signature: [UInt8]? { files["repodata/repomd.xml.asc"] }
        /// What repomd.xml names.
        var metadata: [String] { files.keys.filter { $0.hasPrefix("repodata/") && $0.hasSuffix(".gz") }.sorted() }
    }

    let states: [State]
    let nginx: NginxServer
    private let home: TestSupport.TemporaryDirectory
    private let server: LoopbackServer
    private let chantal: String

    init(states count: Int) throws {
        home = try TestSupport.TemporaryDirectory("rpm-station")
        chantal = try Project.chantal()
        let upstream = try RPMUpstream()
        var states: [State] = []
        for number in 0..<count {
            for name in ["one", "two", "three"] { try upstream.add(RPMPackage(name, "1.\(number)")) }
            // One package leaves with each state: what an old pointer names must be there all the same.
            if number > 0 { try upstream.remove("Packages/\(RPMPackage("one", "1.\(number - 1)").fileName)") }
            try upstream.publish()
            let root = home.path("state\(number)")
            try Subprocess.run(["cp", "-a", upstream.root, root]).checked()
            var files: [String: [UInt8]] = [:]
            for path in try Files.walk(root) { files[path] = try Files.read("\(root)/\(path)") }
            let packages = files.keys.filter { $0.hasSuffix(".rpm") }.sorted()
            states.append(State(root: root, files: files, packages: packages))
        }
        self.states = states
        let keyring = try home.write(Files.read(upstream.keyring), to: "key")
        server = try LoopbackServer(root: home.path("current"))
        try home.makeDirectory("store/public")
        nginx = try NginxServer(root: home.path("store/public"))
        try Files.remove(home.path("store"))
        try home.write(
            """
            store: store
            retention: {generations: 100}
            network: {proxy: none}
            repositories:
              r: {type: rpm, upstream: '\(server.url)', keyring: \(keyring), public_url: '\(nginx.url)'}

            """, to: "chantal.yaml")
        try run("init")
        try select(0)
    }

    /// Lets upstream have a state from now on, at once.
    func select(_ number: Int) throws {
        try Files.remove(home.path("next"))
        guard symlink(states[number % states.count].root, home.path("next")) == 0,
            rename(home.path("next"), home.path("current")) == 0
        else { throw ChantalError(.io, "cannot switch \(home.path("current"))") }
    }

    func run(_ words: String...) throws {
        try Subprocess.run([chantal, "--config", home.path("chantal.yaml")] + words).checked()
    }
}
