import TestSupport

/// States of one upstream, made before the work begins, so that a round of a test costs no time for making packages.
final class ConcurrentUpstream: Sendable {
    /// What upstream offers at one moment.
    struct State: Sendable {
        let root: String
        /// What a client may ask for, by path: InRelease, the indices under their names and their hashes, the packages.
        let files: [String: [UInt8]]
        /// The paths of the packages, sorted.
        let packages: [String]
    }

    let states: [State]
    let keyring: String
    private let home: TestSupport.TemporaryDirectory

    static let suites = ["stable", "updates"]

    /// - Parameters:
    ///   - count: how many states.
    ///   - packages: how many packages each has, in two suites.
    ///   - large: bytes of one further package, which every state has anew; none if 0.
    ///
    /// Versions and contents have one length: most pointers keep their size from state to state.
    init(states count: Int, packages: Int, large: Int = 0) throws {
        home = try TestSupport.TemporaryDirectory("states")
        let upstream = try DebianUpstream(
            ConcurrentUpstream.suites.map {
                var suite = DebianSuite($0)
                suite.contents = false
                suite.writesReleaseGPG = false
                return suite
            })
        keyring = try home.write(Files.read(upstream.keyring), to: "archive.gpg")
        var states: [State] = []
        for state in 0..<count {
            var noise = SeededGenerator(seed: UInt64(state))
            for number in 0..<packages where state == 0 || (number + state) % 3 == 0 {
                let suite = ConcurrentUpstream.suites[number % 4 == 0 ? 1 : 0]
                try upstream.replace("tool\(100 + number)", state, noise.bytes(4_000), in: suite)
            }
            if large > 0 { try upstream.replace("large", state, noise.bytes(large), in: "stable") }
            try upstream.publish()
            let root = home.path("\(state)")
            try Subprocess.run(["cp", "-a", upstream.root, root]).checked()
            states.append(try ConcurrentUpstream.state(at: root))
        }
        self.states = states
    }

    private static func state(at root: String) throws -> State {
        var files: [String: [UInt8]] = [:]
        for suite in suites {
            let base = "dists/\(suite)"
            files["\(base)/InRelease"] = try Files.read("\(root)/\(base)/InRelease")
            for line in listed(in: try Files.text("\(root)/\(base)/InRelease")) {
                let bytes = try Files.read("\(root)/\(base)/\(line.path)")
                files["\(base)/\(line.path)"] = bytes
                let directory = line.path.split(separator: "/").dropLast().joined(separator: "/")
                files["\(base)/\(directory)/by-hash/SHA256/\(line.hash)"] = bytes
            }
        }
        let packages = try Files.walk("\(root)/pool").map { "pool/\($0)" }.sorted()
        for path in packages { files[path] = try Files.read("\(root)/\(path)") }
        return State(root: root, files: files, packages: packages)
    }

    /// The Packages indices that an InRelease lists with their SHA-256.
    static func listed(in release: String) -> [(path: String, hash: String)] {
        var result: [(String, String)] = []
        for line in release.split(separator: "\n") where line.hasPrefix(" ") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, words[0].utf8.count == 64, words[2].contains("/Packages") else { continue }
            result.append((words[2], words[0]))
        }
        return result
    }
}

extension DebianUpstream {
    /// Puts a new version in the place of all others.
    fileprivate func replace(_ name: String, _ state: Int, _ content: [UInt8], in suite: String) throws {
        try remove(name)
        _ = try add(DebianPackage(name, "1.0-\(1000 + state)", content: content), suite: suite, fast: true)
    }
}
