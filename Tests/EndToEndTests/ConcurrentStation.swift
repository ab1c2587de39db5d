import Basics
import Foundation
import TestSupport

/// A store with its configuration, and an upstream on loopback that leads to one of some prepared states.
final class ConcurrentStation: Sendable {
    let home: TestSupport.TemporaryDirectory
    let upstream: ConcurrentUpstream
    let server: LoopbackServer
    private let chantal: String

    /// Two repositories: `demo` has both suites and checks signatures, `other` has one and does not.
    init(_ upstream: ConcurrentUpstream) throws {
        self.upstream = upstream
        home = try TestSupport.TemporaryDirectory("station")
        chantal = try Project.chantal()
        server = try LoopbackServer(root: home.path("current"))
        let url = server.url
        try home.write(
            """
            store: store
            retention: {generations: 2}
            network: {proxy: none}
            repositories:
              demo: {type: apt, upstream: '\(url)', suites: [stable, updates], keyring: \(upstream.keyring)}
              other: {type: apt, upstream: '\(url)', suites: [stable], verify: false}

            """, to: "chantal.yaml")
        try run("init").checked()
        try select(0)
    }

    /// The number of a state, whatever number is given.
    func index(_ number: Int) -> Int { number % upstream.states.count }

    func state(_ number: Int) -> ConcurrentUpstream.State { upstream.states[index(number)] }

    /// Lets upstream have a state from now on, at once.
    func select(_ number: Int) throws {
        try Files.remove(home.path("next"))
        guard symlink(state(number).root, home.path("next")) == 0,
            rename(home.path("next"), home.path("current")) == 0
        else { throw ChantalError(.io, "cannot switch \(home.path("current"))") }
    }

    func spawn(_ words: [String]) throws -> RunningProcess {
        try Subprocess.spawn([chantal, "--config", home.path("chantal.yaml"), "--json"] + words)
    }

    @discardableResult
    func run(_ words: String...) throws -> ProcessResult { try spawn(words).wait() }

    /// Where nginx would find a file.
    func published(_ path: String, as name: String) -> String { home.path("store/public/\(name)/\(path)") }

    /// Compares what a name serves with a state, byte for byte.
    /// - Throws: naming the first file that differs.
    func check(_ name: String, serves state: ConcurrentUpstream.State, only suite: String? = nil) throws {
        for (path, bytes) in state.files {
            // Of one suite alone it cannot be told by its name which packages it has.
            if let suite, !path.hasPrefix("dists/\(suite)/") { continue }
            guard try Files.read(published(path, as: name)) == bytes else {
                throw ChantalError(.mismatch, "\(name)/\(path) is not what upstream has")
            }
        }
    }

    /// Compares what a name serves with the state that its first InRelease is of.
    func checkWhole(_ name: String) throws {
        let pointer = "dists/\(ConcurrentUpstream.suites[0])/InRelease"
        let release = try Files.read(published(pointer, as: name))
        guard let state = upstream.states.first(where: { $0.files[pointer] == release }) else {
            throw ChantalError(.mismatch, "\(name)/\(pointer) is of no state")
        }
        try check(name, serves: state)
    }

    /// Lets the store be examined whole.
    /// - Throws: with the report unless nothing is found.
    func verify() throws { try run("verify").checked() }

    /// Hashes every blob with sha256sum.
    func checkDigests() throws {
        let command = "cd \"$0\" && find . -type f -print0 | xargs -0 -r sha256sum"
        let lines = try Subprocess.run(["bash", "-c", command, home.path("store/blobs/sha256")]).checked().stdout
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, words[1].hasSuffix("/\(words[0])") else {
                throw ChantalError(.mismatch, "a blob does not have the digest in its name: \(line)")
            }
        }
    }
}

/// Threads that a test starts and joins; the first error of each is kept.
enum ConcurrentWork {
    static func run(_ bodies: [@Sendable () throws -> Void]) throws {
        let errors = ErrorList()
        DispatchQueue.concurrentPerform(iterations: bodies.count) { index in
            do { try bodies[index]() } catch { errors.add(error) }
        }
        if let first = errors.first { throw first }
    }

    /// For how long loops go on: CHANTAL_SECONDS, or a default.
    static func seconds(default seconds: Double) -> Double {
        ProcessInfo.processInfo.environment["CHANTAL_SECONDS"].flatMap(Double.init) ?? seconds
    }
}

private final class ErrorList: @unchecked Sendable {
    private let lock = NSLock()
    private var errors: [any Error] = []

    func add(_ error: any Error) { lock.withLock { errors.append(error) } }
    var first: (any Error)? { lock.withLock { errors.first } }
}
