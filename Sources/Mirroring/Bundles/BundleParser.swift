import Basics
import Hashing
import Store

/// Reads a bundle's description; nothing but the canonical text is accepted.
struct BundleParser {
    private static let longestLine = 4096
    private let bytes: UnsafeRawBufferPointer
    private var place = 0
    private var number = 0
    private var previous: Digest?

    /// - Throws: ``ChantalError`` `malformed`, naming the line.
    static func parse(_ bytes: [UInt8]) throws -> BundleDescription {
        try bytes.withUnsafeBytes { bytes in
            var parser = BundleParser(bytes: bytes)
            let result = try parser.description()
            try result.check()
            // Whatever was not in its place, written otherwise, or left over shows here.
            var hasher = SHA256Hasher()
            result.write { hasher.update($0) }
            guard hasher.finish() == sha256(of: bytes) else {
                throw ChantalError(.malformed, "the description of the bundle is not in its canonical form")
            }
            return result
        }
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private func malformed(_ reason: String) -> ChantalError {
        ChantalError(.malformed, "line \(number) of the description of the bundle: \(reason)")
    }

    /// The words of the next line, nil at the end.
    private mutating func next() throws -> [Substring]? {
        if place == bytes.count { return nil }
        number += 1
        guard let end = bytes.firstIndex(of: 0x0a, from: place), end - place <= BundleParser.longestLine else {
            throw malformed("it has no end")
        }
        let line = bytes.slice(place..<end).text
        place = end + 1
        return line.split(separator: " ", omittingEmptySubsequences: false)
    }

    private mutating func description() throws -> BundleDescription {
        guard let first = try next(), first.first == "chantal-bundle", first.count == 2 else {
            throw malformed("it does not begin with 'chantal-bundle 1'")
        }
        guard first[1] == "1" else {
            throw ChantalError(
                .malformed, "the bundle is of format \(first[1].prefix(20)), and this chantal knows format 1",
                hint: "use a newer chantal")
        }
        guard let time = try next(), time.count == 2, time[0] == "created_at",
            let createdAt = Timestamp(rfc3339: String(time[1]))
        else { throw malformed("it has no time") }
        var result = BundleDescription(createdAt: createdAt)
        result.volumes = []
        while let words = try next() {
            if words[0] == "blob" {
                try blob(words, &result)
            } else if words[0] == "sha256" {
                if place != bytes.count { throw malformed("something follows the end") }
                return result
            } else {
                try line(words, &result)
            }
        }
        throw malformed("the end is missing")
    }

    private mutating func blob(_ words: [Substring], _ result: inout BundleDescription) throws {
        guard words.count == 3, let last = result.volumes.indices.last else { throw malformed("it is no blob") }
        let blob = BundleDescription.Blob(digest: try digest(words[1]), size: try size(words[2]))
        if let previous, previous >= blob.digest { throw malformed("the blobs are not in order") }
        previous = blob.digest
        result.volumes[last].append(blob)
    }

    private func line(_ words: [Substring], _ result: inout BundleDescription) throws {
        switch (words[0], words.count) {
        case ("base", 3):
            result.bases.append(.init(manifest: try digest(words[1]), name: String(words[2])))
        case ("manifest", 5) where words[2] == "zstd" || words[2] == "plain":
            result.manifests.append(
                .init(
                    id: try digest(words[1]), isCompressed: words[2] == "zstd", digest: try digest(words[3]),
                    size: try size(words[4])))
        case ("generation", 5):
            result.generations.append(
                .init(
                    repository: try repository(words[1]), number: try count(words[2]), digest: try digest(words[3]),
                    size: try size(words[4])))
        case ("first-seen", 4):
            result.firstSeen.append(
                .init(repository: try repository(words[1]), digest: try digest(words[2]), size: try size(words[3])))
        case ("snapshot", 5):
            guard let time = Timestamp(rfc3339: String(words[3])), StoreNames.isSnapshot(words[4]) else {
                throw malformed("it is no snapshot")
            }
            result.snapshots.append(
                .init(
                    repository: try repository(words[1]), generation: try count(words[2]), createdAt: time,
                    name: String(words[4])))
        case ("publication", 4...6): result.publications.append(try publication(words))
        case ("volume", 4):
            guard try count(words[1]) == result.volumes.count + 1 else { throw malformed("the volume is not the next") }
            result.volumes.append([])
        default: throw malformed("'\(RepositoryPath(trusted: Array(words[0].utf8.prefix(40))))' is not known here")
        }
    }

    private func publication(_ words: [Substring]) throws -> BundleDescription.Publication {
        guard StoreNames.isPublication(words[1]) else { throw malformed("it is no publication") }
        let repository = try repository(words[3])
        let source: PublicationRecord.Source
        switch (words[2], words.count) {
        case ("follows", 4): source = .follows(repository)
        case ("pinned", 5): source = .pinned(repository: repository, generation: try count(words[4]), snapshot: nil)
        case ("pinned", 6) where StoreNames.isSnapshot(words[5]):
            source = .pinned(repository: repository, generation: try count(words[4]), snapshot: String(words[5]))
        default: throw malformed("it is no publication")
        }
        return .init(name: String(words[1]), source: source)
    }

    private func digest(_ word: Substring) throws -> Digest {
        guard let digest = Digest(hex: String(word)) else { throw malformed("a word is no SHA-256") }
        return digest
    }

    private func size(_ word: Substring) throws -> Int64 {
        guard let size = Int64(word), size >= 0 else { throw malformed("a word is no size") }
        return size
    }

    private func count(_ word: Substring) throws -> Int {
        guard let count = Int(word), count > 0 else { throw malformed("a word is no number") }
        return count
    }

    private func repository(_ word: Substring) throws -> String {
        guard StoreNames.isRepository(word) else { throw malformed("a word is no name of a repository") }
        return String(word)
    }
}

extension BundleDescription {
    /// Checks what no single line shows.
    /// - Throws: ``ChantalError`` `malformed`.
    fileprivate func check() throws {
        func require(_ condition: Bool, _ reason: String) throws {
            if !condition { throw ChantalError(.malformed, "the description of the bundle: \(reason)") }
        }
        func isSorted<Key: Comparable>(_ keys: [Key]) -> Bool { zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 } }
        struct Key: Comparable {
            let first: String
            let second: String
            let number: Int
            static func < (a: Key, b: Key) -> Bool {
                (a.first, a.number, a.second) < (b.first, b.number, b.second)
            }
        }
        try require(!volumes.isEmpty, "it has no volume")
        try require(!generations.isEmpty, "it holds no state")
        try require(isSorted(manifests.map(\.id)), "manifests are not in order")
        let states = generations.map { Key(first: $0.repository, second: "", number: $0.number) }
        try require(isSorted(states), "generations are not in order")
        try require(isSorted(firstSeen.map(\.repository)), "notes of what was first seen are not in order")
        try require(
            isSorted(snapshots.map { Key(first: $0.repository, second: $0.name, number: 0) }),
            "snapshots are not in order")
        try require(isSorted(publications.map(\.name)), "publications are not in order")
        let known = Set(generations.map { "\($0.repository) \($0.number)" })
        let repositories = Set(generations.map(\.repository))
        let names = Set(snapshots.map { "\($0.repository) \($0.generation) \($0.name)" })
        try require(firstSeen.allSatisfy { repositories.contains($0.repository) }, "a repository has no state")
        for snapshot in snapshots {
            try require(known.contains("\(snapshot.repository) \(snapshot.generation)"), "a snapshot has no state")
        }
        for publication in publications {
            switch publication.source {
            case .follows(let repository):
                try require(repositories.contains(repository), "a publication has no repository")
            case .pinned(let repository, let generation, let name):
                try require(known.contains("\(repository) \(generation)"), "a publication has no state")
                let isNamed = name.map { names.contains("\(repository) \(generation) \($0)") } ?? true
                try require(isNamed, "a publication has no snapshot")
            }
        }
    }
}
