import Basics
import Foundation
import Synchronization
import TestSupport
import Testing

/// Several processes on one store.
@Suite("At once")
struct ConcurrentTests {
    @Test("of two syncs of one repository one works, and the other says so with 75")
    func sameRepository() throws {
        let station = try ConcurrentStation(ConcurrentUpstream(states: 1, packages: 6))
        station.server.fault("*/InRelease", count: 1, .delay(seconds: 4))
        let first = try station.spawn(["sync", "demo"])
        while station.server.requests.isEmpty, try first.isRunning { pause(seconds: 0.01) }

        let second = try station.run("sync", "demo")
        #expect(second.status == 75, "\(second.report)")
        #expect(second.stdout.contains("\"status\":\"locked\""))
        #expect(second.stdout.contains("\"code\":\"locked\""))
        #expect(try first.isRunning)

        try first.wait().checked()
        try station.check("demo", serves: station.state(0))
        try station.verify()
    }

    @Test("two repositories at once both end well, in two processes and in one")
    func twoRepositories() throws {
        let station = try ConcurrentStation(ConcurrentUpstream(states: 4, packages: 12))
        for round in 0..<4 {
            try station.select(round)
            if round == 3 {
                try station.run("sync").checked()
            } else {
                let both = try ["demo", "other"].map { try station.spawn(["sync", $0]) }
                for process in both { try process.wait().checked() }
            }
            try station.check("demo", serves: station.state(round))
            try station.check("other", serves: station.state(round), only: "stable")
        }
        try station.verify()
    }

    @Test("a loop of syncs and a loop of gc --grace 0 lose nothing")
    func syncAndGarbage() throws {
        let station = try ConcurrentStation(ConcurrentUpstream(states: 9, packages: 20, large: 1_500_000))
        let end = monotonicSeconds() + ConcurrentWork.seconds(default: 15)
        let rounds = Atomic<Int>(0)
        let sweeps = Atomic<Int>(0)
        let isDone = Atomic<Bool>(false)
        try ConcurrentWork.run([
            {
                defer { isDone.store(true, ordering: .releasing) }
                repeat {
                    let round = rounds.add(1, ordering: .relaxed).newValue
                    try station.select(round)
                    let result = try station.run("sync").checked()
                    guard !result.stdout.contains("\"status\":\"unchanged\"") else {
                        throw ChantalError(.mismatch, "a sync saw no change: \(result.report)")
                    }
                    try station.check("demo", serves: station.state(round))
                    try station.check("other", serves: station.state(round), only: "stable")
                } while monotonicSeconds() < end
            },
            {
                while !isDone.load(ordering: .acquiring) {
                    try station.run("gc", "--grace", "0").checked()
                    sweeps.add(1, ordering: .relaxed)
                }
            },
        ])
        print("at once: \(rounds.load(ordering: .relaxed)) syncs, \(sweeps.load(ordering: .relaxed)) times gc")
        try station.verify()
        try station.checkDigests()
        #expect(sweeps.load(ordering: .relaxed) > 0)
    }
}
