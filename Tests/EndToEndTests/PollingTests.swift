import Basics
import Foundation
import Synchronization
import TestSupport
import Testing

/// Clients that read while the repository is synced and published anew.
@Suite("Polling")
struct PollingTests {
    @Test("InRelease, by-hash and package always fit, and a condition never hides a change")
    func republished() throws {
        let station = try ConcurrentStation(ConcurrentUpstream(states: 12, packages: 12))
        try station.run("sync", "demo", "--snapshot", "first").checked()
        let nginx = try NginxServer(root: station.home.path("store/public"))
        let client = PollingClient(port: nginx.port)
        let end = monotonicSeconds() + ConcurrentWork.seconds(default: 15)
        let isDone = Atomic<Bool>(false)
        let rounds = Atomic<Int>(0)
        let polls = Atomic<Int>(0)
        let requests = Atomic<Int>(0)
        let memory = PollingMemory()

        let writer: @Sendable () throws -> Void = {
            defer { isDone.store(true, ordering: .releasing) }
            var number = 0
            while monotonicSeconds() < end {
                let round = rounds.add(1, ordering: .relaxed).newValue
                if round % 4 == 3 {
                    // Back to an old state, and forward again.
                    try station.run("publish", "demo@first", "--as", "demo").checked()
                    try memory.ask(client, about: station.state(0))
                    try station.run("publish", "demo").checked()
                } else {
                    number += 1
                    try station.select(number)
                    try station.run("sync", "demo").checked()
                }
                try memory.ask(client, about: station.state(number))
            }
        }
        let poller: @Sendable (UInt64) -> @Sendable () throws -> Void = { seed in
            {
                var noise = SeededGenerator(seed: seed)
                while !isDone.load(ordering: .acquiring) {
                    let count = try poll(client, station.upstream, pausing: seed == 1, &noise)
                    requests.add(count, ordering: .relaxed)
                    polls.add(1, ordering: .relaxed)
                }
            }
        }
        try ConcurrentWork.run([writer, poller(0), poller(1)])
        print(
            "polling: \(polls.load(ordering: .relaxed)) polls, \(requests.load(ordering: .relaxed)) requests,",
            "\(rounds.load(ordering: .relaxed)) times published, \(memory.conditions) conditions, \(memory.kept) kept")
        #expect(polls.load(ordering: .relaxed) > 0)
        #expect(memory.conditions > 0)
        #expect(memory.kept > 0)
        #expect(try nginx.errorLog == "")
        try station.verify()
    }

    /// Reads InRelease, the indices that it names and some packages that these name, as a client does.
    /// - Returns: how many requests it made.
    private func poll(
        _ client: PollingClient, _ upstream: ConcurrentUpstream, pausing: Bool, _ noise: inout SeededGenerator
    ) throws -> Int {
        let suite = ConcurrentUpstream.suites.randomElement(using: &noise)!
        let pointer = "dists/\(suite)/InRelease"
        let release = try client.get("demo/\(pointer)")
        guard release.status == 200, let state = upstream.states.first(where: { $0.files[pointer] == release.body })
        else { throw ChantalError(.mismatch, "\(pointer): \(release.status), \(release.body.count) bytes of no state") }
        var wanted: [String] = []
        for line in ConcurrentUpstream.listed(in: String(decoding: release.body, as: UTF8.self)) {
            let directory = line.path.split(separator: "/").dropLast().joined(separator: "/")
            wanted.append("dists/\(suite)/\(directory)/by-hash/SHA256/\(line.hash)")
        }
        for _ in 0..<3 { wanted.append(state.packages.randomElement(using: &noise)!) }
        for path in wanted {
            // A slow client comes back when the repository has gone on.
            if pausing { pause(seconds: Double.random(in: 0..<0.3, using: &noise)) }
            let answer = try client.get("demo/\(path)")
            guard answer.status == 200, answer.body == state.files[path] else {
                throw ChantalError(
                    .mismatch, "\(path): \(answer.status), \(answer.body.count) bytes, not what \(state.root) has")
            }
        }
        return wanted.count + 1
    }
}

/// Everything that servers have ever said of pointers, and what it stood for.
private final class PollingMemory: @unchecked Sendable {
    private struct Seen: Hashable {
        let path: String
        let tag: String
        let modified: String
        let content: [UInt8]
    }

    private var seen: Set<Seen> = []
    private(set) var conditions = 0
    /// Answers 304 to questions whether what is served is served.
    private(set) var kept = 0

    /// Asks for each pointer of a state that is served now, with every validator that it ever had.
    func ask(_ client: PollingClient, about state: ConcurrentUpstream.State) throws {
        for (path, bytes) in state.files where path.hasPrefix("dists/") && !path.contains("/by-hash/") {
            for known in seen where known.path == path {
                for field in [["If-None-Match": known.tag], ["If-Modified-Since": known.modified]] {
                    let answer = try client.get("demo/\(path)", field)
                    conditions += 1
                    switch answer.status {
                    case 304 where known.content == bytes: kept += 1
                    case 200 where answer.body == bytes: break
                    default:
                        throw ChantalError(
                            .mismatch,
                            "\(path) asked for with \(field) gives \(answer.status) and \(answer.body.count) bytes"
                        )
                    }
                }
            }
            let answer = try client.get("demo/\(path)")
            guard answer.status == 200, answer.body == bytes, let tag = answer["ETag"],
                let modified = answer["Last-Modified"]
            else { throw ChantalError(.mismatch, "\(path): \(answer.status), \(answer.body.count) bytes") }
            seen.insert(Seen(path: path, tag: tag, modified: modified, content: bytes))
            let again = try client.get("demo/\(path)", ["If-None-Match": tag])
            guard again.status == 304 else { throw ChantalError(.mismatch, "\(path) again: \(again.status)") }
            kept += 1
        }
    }
}
