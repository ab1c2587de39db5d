import Basics
import Foundation
import TestSupport
import Testing

/// Processes that end in the middle of their work.
@Suite("Killed at any moment")
struct CrashTests {
    @Test("after kill -9 at 100 random moments of sync, publish and gc nothing is found, and the next sync ends well")
    func killed() throws {
        let seed =
            ProcessInfo.processInfo.environment["CHANTAL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        print("killed at any moment: CHANTAL_SEED=\(seed)")
        let upstream = try ConcurrentUpstream(states: 9, packages: 30, large: 1_500_000)
        try ConcurrentWork.run(
            (0..<2).map { worker in
                {
                    do {
                        var rounds = try CrashRounds(upstream, SeededGenerator(seed: seed &* 2 &+ UInt64(worker)))
                        print("killed at any moment: \(try rounds.run(count: 50))")
                    } catch {
                        throw ChantalError(.mismatch, "CHANTAL_SEED=\(seed), worker \(worker): \(error)")
                    }
                }
            })
    }
}

/// Kills, and what must hold after each.
private struct CrashRounds {
    enum Victim: String, CaseIterable {
        case sync, publish, gc
    }

    private let station: ConcurrentStation
    private var noise: SeededGenerator
    /// The state that upstream has.
    private var number = 0
    /// Seconds of a run that nobody disturbs.
    private var lengths: [Victim: Double] = [:]
    private var publishes = 0

    init(_ upstream: ConcurrentUpstream, _ noise: SeededGenerator) throws {
        station = try ConcurrentStation(upstream)
        self.noise = noise
        for name in ["one", "two"] {
            try advance()
            try station.run("sync", "demo", "--snapshot", name).checked()
        }
        try station.run("publish", "demo@one", "--as", "prod").checked()
        for _ in 0..<3 {
            for victim in Victim.allCases {
                let result = try station.spawn(prepare(victim)).wait().checked()
                lengths[victim] = max(lengths[victim] ?? 0, result.seconds)
            }
        }
    }

    /// Lets upstream go on to its next state.
    private mutating func advance() throws {
        number += 1
        try station.select(number)
    }

    /// The command of a victim, which finds work to do.
    private mutating func prepare(_ victim: Victim) throws -> [String] {
        switch victim {
        case .sync:
            try advance()
            return ["sync", "demo"]
        case .publish:
            publishes += 1
            return ["publish", ["demo@one", "demo", "demo@two"][publishes % 3], "--as", "prod"]
        case .gc: return ["gc", "--grace", "0"]
        }
    }

    /// - Returns: what was done, for people.
    mutating func run(count: Int) throws -> String {
        var killed: [Victim: Int] = [:]
        var ended = 0
        while killed.values.reduce(0, +) < count {
            // Half of them syncs: they have the most steps.
            let victim = [Victim.sync, .sync, .publish, .gc][Int.random(in: 0..<4, using: &noise)]
            let delay = Double.random(in: 0..<lengths[victim]!, using: &noise)
            let process = try station.spawn(prepare(victim))
            pause(seconds: delay)
            process.kill(SIGKILL)
            let result = try process.wait()
            guard result.termination == .signalled(SIGKILL) else {
                // It had ended already: not counted.
                ended += 1
                try result.checked()
                continue
            }
            killed[victim, default: 0] += 1
            do {
                try checkAfterwards()
            } catch {
                throw ChantalError(.mismatch, "\(result.arguments.dropFirst(4)) killed after \(delay) s: \(error)")
            }
        }
        try station.checkDigests()
        try station.run("gc", "--grace", "0").checked()
        let left = try Files.walk(station.home.path("store/tmp"))
        guard left.isEmpty else { throw ChantalError(.mismatch, "left under tmp/ for ever: \(left)") }
        let counts = killed.map { "\($0.value) \($0.key.rawValue)" }.sorted().joined(separator: ", ")
        return "killed \(counts); \(ended) had ended before"
    }

    private mutating func checkAfterwards() throws {
        // What is served is one state, whole, before any other command has run.
        for name in ["demo", "prod"] { try station.checkWhole(name) }
        try station.verify()
        // Half of the time there is more to do than what was cut off.
        if Bool.random(using: &noise) { try advance() }
        try station.run("sync", "demo").checked()
        try station.check("demo", serves: station.state(number))
    }
}
