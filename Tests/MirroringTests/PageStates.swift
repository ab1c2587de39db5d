import Basics
import FileSystem
import Store
import Testing

@testable import Mirroring

/// States of many pages, made without an upstream, and what web servers tell of them.
///
/// All pages of all states have the same size, so that time alone tells one content from another.
final class PageStates {
    static let count = 70
    let engine: Engine
    private let fixture: PartsFixture
    /// What each name has shown so far: path and time on disk, and the bytes that a client keeps under the two.
    private var shown: [String: String] = [:]

    /// - Parameter largeTree: files from which on a tree shares its directories.
    init(largeTree: Int = SharedDirectories.worthwhile) throws {
        fixture = try PartsFixture()
        engine = try fixture.engine(largeTree: largeTree)
    }

    var publicPath: String { fixture.home.path("store/public") }

    /// Commits a state and moves the names that follow the repository.
    /// - Parameters:
    ///   - letters: what the pages say, in turn.
    ///   - arrived: the time of the blobs on disk; nil for now.
    @discardableResult
    func publish(_ repository: String, _ letters: String, count: Int = PageStates.count, arrived: Timestamp? = nil)
        throws -> GenerationRecord
    {
        let words = letters.map { String($0) }
        let pages = (0..<count).map {
            (path: "p/\($0 + 100)/index", text: "\(words[$0 % words.count]) of \($0 + 100)", role: Role.pointer)
        }
        return try publish(repository, pages, arrived: arrived)
    }

    /// Commits a state of these files and moves the names that follow the repository.
    @discardableResult
    func publish(_ repository: String, _ files: [(path: String, text: String, role: Role)], arrived: Timestamp? = nil)
        throws -> GenerationRecord
    {
        let session = try engine.store.blobs.beginSession(name: repository)
        let texts = Array(Set(files.map(\.text)))
        let blobs = Dictionary(uniqueKeysWithValues: zip(texts, try session.put(texts.map { Array($0.utf8) })))
        try session.promote()
        if let arrived { for blob in blobs.values { try setTime(of: blob.digest, arrived) } }
        let manifest = try Manifest(
            try files.map { file in
                let blob = try #require(blobs[file.text])
                return ManifestEntry(
                    path: try RepositoryPath(file.path), digest: blob.digest, size: blob.size, role: file.role)
            })
        let records = engine.store.records
        let id = try records.put(manifest)
        let record = GenerationRecord(
            number: (try records.generations(of: repository).last ?? 0) + 1, type: "parts", manifest: id,
            tree: try engine.publisher.ownText(for: manifest, id: id, extras: [], repository: repository).id.hex,
            selection: id,
            createdAt: Clock.now(), upstream: [], configDigest: id, packages: 0, files: files.count,
            bytes: manifest.bytes, verified: false)
        try records.commit(record, to: repository)
        try session.end()
        try engine.publisher.publish(record, repository: repository)
        return record
    }

    private func setTime(of digest: Digest, _ time: Timestamp) throws {
        try Directory(path: fixture.home.path("store/blobs/sha256"))
            .setModified("\(digest.hex.prefix(2))/\(digest.hex)", seconds: time.seconds)
    }

    func serve(_ state: String, as name: String? = nil) throws {
        _ = try engine.publish(try StateReference(state), as: name)
    }

    func status(_ path: String) throws -> FileStatus {
        try #require(try Directory(path: publicPath).status(path), "\(path)")
    }

    /// Looks at every page of a name as a client would that keeps what it is told has not changed (nginx makes ETag and Last-Modified of
    /// the second and the size).
    func look(at name: String, says letters: String, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
        let words = letters.map { String($0) }
        let root = try Directory(path: publicPath)
        for index in 0..<PageStates.count {
            let path = "\(name)/p/\(index + 100)/index"
            let text = String(decoding: try root.readAll(path, limit: 100), as: UTF8.self)
            #expect(text.hasPrefix(words[index % words.count]), "\(path)", sourceLocation: sourceLocation)
            let key = "\(path) \(try status(path).modified.seconds)"
            #expect(shown[key, default: text] == text, "\(key) was '\(text)' before", sourceLocation: sourceLocation)
            shown[key] = text
        }
    }
}
