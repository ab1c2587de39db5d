import Basics
import FileSystem
import Store
import TestSupport
import Testing

@testable import Mirroring

@Suite("Files of earlier states stay for clients that may still ask for them")
struct RetainedFilesTests {
    private let states: PageStates

    init() throws { states = try PageStates() }

    private var records: any RecordStore { states.engine.store.records }

    /// What a state holds: paths and texts.
    private typealias Content = [String: String]

    private func publish(_ content: Content) throws {
        let files = content.sorted { $0.key < $1.key }.map { (path: $0.key, text: $0.value, role: Role.package) }
        try states.publish("packages", [("index", "\(content.hashValue)", .pointer)] + files)
    }

    /// What clients find beside the pointer.
    private func served() throws -> Content {
        let root = try Directory(path: states.publicPath)
        let tree = try root.directory(try #require(try root.readLink("packages")))
        var found: Content = [:]
        for directory in try tree.names() where directory != "index" {
            for file in try tree.directory(directory).names() {
                let path = "\(directory)/\(file)"
                found[path] = String(decoding: try tree.readAll(path, limit: 100), as: UTF8.self)
            }
        }
        return found
    }

    /// The newest content of every path.
    private func expected(_ contents: [Content]) -> Content {
        contents.reversed().reduce(into: [:]) { all, content in all.merge(content) { newer, _ in newer } }
    }

    private func publication() throws -> PublicationRecord { try #require(try records.publication("packages")) }

    /// States that come and go, some of them twice, with files that go and come back with other bytes.
    private func contents(seed: UInt64) -> [Content] {
        var random = SeededGenerator(seed: seed)
        var all: [Content] = []
        for number in 0..<14 {
            var content: Content = all.last ?? [:]
            for index in 0..<12 where Int.random(in: 0..<4, using: &random) == 0 {
                let path = "pool\(index % 3)/\(index)"
                content[path] = content[path] == nil || Bool.random(using: &random) ? "\(number)" : nil
            }
            if number > 4, Int.random(in: 0..<4, using: &random) == 0 { content = all[number - 3] }
            all.append(content)
        }
        return all
    }

    @Test("whatever comes, goes and comes back, each path of earlier states has its newest file", arguments: 1...6)
    func model(seed: Int) throws {
        var past: [Content] = []
        for content in contents(seed: UInt64(seed)) {
            try publish(content)
            past.append(content)
            #expect(try served() == expected(past))
        }
        let history = try publication().history
        #expect(history.dropLast().contains { $0.gone != nil } && history.last?.gone == nil)
        _ = try states.engine.collectGarbage(dryRun: false, grace: 0)
        for state in TreeText.stillNeeded(history, now: Clock.now()) {
            if let gone = state.gone { #expect(try records.hasManifest(gone)) }
        }
        #expect(try served() == expected(past))
        #expect(try states.engine.verify([], options: VerificationOptions()) { _, _ in }.defects.isEmpty)
    }

    @Test("of an earlier state only what the next did not have is read; where that is lost, all of it")
    func differences() throws {
        var content: Content = [:]
        for index in 0..<40 { content["pool/\(index)"] = "first" }
        var past: [Content] = []
        func next(_ change: (inout Content) -> Void) throws {
            change(&content)
            past.append(content)
            try publish(content)
            #expect(try served() == expected(past))
        }
        try next { _ in }
        try next { $0["pool/1"] = nil }
        try next { $0["pool/2"] = nil }
        let history = try publication().history
        let gone = try history.dropLast().map { try #require($0.gone) }
        #expect(try gone.map { try records.manifest($0).entries.map(\.path.description) } == [["pool/1"], ["pool/2"]])
        // Nobody has to read the first state any more.
        let manifests = try Directory(path: states.publicPath + "/../manifests/sha256")
        try manifests.removeTree(try #require(try path(of: history[0].manifest, in: manifests)))
        try next { $0["pool/3"] = nil }
        #expect(try publication().history.count == 4)
        try manifests.removeTree(try #require(try path(of: gone[1], in: manifests)))
        past.removeFirst()
        try next { $0["pool/4"] = nil }
        #expect(try publication().history.count == 4, "without the state that is lost")
    }

    private func path(of manifest: Digest, in directory: Directory) throws -> String? {
        let folder = String(manifest.hex.prefix(2))
        return try directory.directory(folder).names().first { $0.contains(manifest.hex) }.map { "\(folder)/\($0)" }
    }
}
