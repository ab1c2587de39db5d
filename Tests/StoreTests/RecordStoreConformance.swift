import Basics
import Hashing
import Store
import Testing

/// What every record store must do. A backend runs all claims with its own factory of empty stores.
enum RecordStoreConformance {
    static let claims: [Claim<any RecordStore>] = manifests + repositories + publications

    static func manifest(_ count: Int, salt: String = "") throws -> Manifest {
        try Manifest(
            (0..<count).map { number in
                ManifestEntry(
                    path: try RepositoryPath("pool/\(number % 7)/file\(salt)\(number).deb"),
                    digest: sha256(of: Array("\(number)".utf8)), size: Int64(number), role: .package)
            })
    }

    static func generation(_ number: Int, _ manifest: Digest) -> GenerationRecord {
        GenerationRecord(
            number: number, type: "apt", manifest: manifest, tree: manifest.hex, selection: sha256(of: [1]),
            createdAt: Timestamp(seconds: 1_760_000_000), upstream: ["http://mirror.example/debian", "file:///ä%20 x"],
            configDigest: sha256(of: [2]), packages: 3, files: 5, bytes: 1 << 40, verified: true,
            incomplete: ["a line\nof two, 100 %", ""], nextChangeAt: Timestamp(seconds: 1_770_000_000),
            expiresAt: nil, notes: ["a key": "a value\twith % and \u{7f}", "": "", "b": "ü"])
    }

    static let manifests: [Claim<any RecordStore>] = [
        Claim("a manifest comes back as it was, small or large") { make in
            let store = try make()
            for count in [0, 1, 5, 3000] {
                let manifest = try manifest(count)
                #expect(try store.put(manifest) == manifest.id)
                #expect(try store.put(manifest) == manifest.id)
                let read = try store.manifest(manifest.id)
                #expect(read.id == manifest.id && read.entries == manifest.entries)
                #expect(read.textSize == manifest.textSize)
                var lines: [ManifestEntry] = []
                try store.forEachLine(of: manifest.id) { lines.append($0.entry) }
                #expect(lines == manifest.entries)
            }
            var listed: [Digest] = []
            try store.forEachManifest { listed.append($0) }
            #expect(listed.count == 4 && listed == listed.sorted())
        },
        Claim("only the lines that are wanted are given, and the others vouched for all the same") { make in
            let store = try make()
            let manifest = try manifest(300)
            try store.put(manifest)
            let wanted = Set(manifest.entries.indices.filter { $0 % 7 == 3 }.map { manifest.entries[$0].path })
            var lines: [ManifestEntry] = []
            try store.forEachLine(of: manifest.id) { role, path in
                #expect(manifest[RepositoryPath(trusted: Array(path))]?.role == role)
                return wanted.contains(RepositoryPath(trusted: Array(path)))
            } _: {
                lines.append($0.entry)
            }
            #expect(lines == manifest.entries.filter { wanted.contains($0.path) } && !lines.isEmpty)
        },
        Claim("an error of the reader's own passes through") { make in
            let store = try make()
            let id = try store.put(try manifest(3))
            #expect(throws: ChantalError(.malformed, "")) {
                try store.forEachLine(of: id) { _ in throw ChantalError(.malformed, "mine") }
            }
        },
        Claim("a manifest that is not there is damage") { make in
            let store = try make()
            #expect(try !store.hasManifest(sha256(of: [])))
            #expect(throws: ChantalError(.store, "")) { _ = try store.manifest(sha256(of: [])) }
            #expect(try !store.removeManifest(sha256(of: [])))
        },
        Claim("a sweep of manifests keeps those that records need by then") { make in
            let store = try make()
            let ids = try [manifest(1), manifest(2)].map { try store.put($0) }
            let result = try store.removeManifestsUnlessRelied(ids) { [ids[0]] }
            #expect(result.removed == 1 && result.kept == [ids[0]])
            #expect(try store.hasManifest(ids[0]))
            #expect(try !store.hasManifest(ids[1]))
        },
    ]

    static let repositories: [Claim<any RecordStore>] = [
        Claim("a generation comes back as it was committed") { make in
            let store = try make()
            let id = try store.put(try manifest(3))
            #expect(try store.repositories() == [])
            #expect(try store.generations(of: "debian") == [])
            #expect(try store.latestGeneration(of: "debian") == nil)
            for number in [2, 10, 9] { try store.commit(generation(number, id), to: "debian") }
            #expect(try store.repositories() == ["debian"])
            #expect(try store.generations(of: "debian") == [2, 9, 10])
            #expect(try store.generation(9, of: "debian") == generation(9, id))
            #expect(try store.latestGeneration(of: "debian")?.number == 10)
            #expect(throws: ChantalError(.notFound, "")) { _ = try store.generation(3, of: "debian") }
            #expect(try store.deleteGeneration(9, of: "debian"))
            #expect(try !store.deleteGeneration(9, of: "debian"))
        },
        Claim("a number is given once") { make in
            let store = try make()
            let id = try store.put(try manifest(3))
            try store.commit(generation(1, id), to: "debian")
            var other = generation(1, id)
            other.packages = 99
            #expect(throws: ChantalError(.exists, "")) { try store.commit(other, to: "debian") }
            #expect(try store.generation(1, of: "debian").packages == 3)
        },
        Claim("nothing is recorded that names a manifest which is not there") { make in
            let store = try make()
            let id = sha256(of: [7])
            #expect(throws: ChantalError(.store, "")) { try store.commit(generation(1, id), to: "debian") }
            #expect(throws: ChantalError(.store, "")) {
                try store.createSnapshot(
                    SnapshotRecord(name: "s", generation: 1, manifest: id, createdAt: Timestamp(seconds: 0)),
                    of: "debian")
            }
            #expect(try store.generations(of: "debian") == [])
        },
        Claim("names that lead elsewhere are refused") { make in
            let store = try make()
            let id = try store.put(try manifest(1))
            for name in ["", "..", "../x", "a/b", "A", ".x", "a\nb", String(repeating: "a", count: 65)] {
                #expect(throws: ChantalError(.usage, "")) { try store.commit(generation(1, id), to: name) }
                #expect(throws: ChantalError(.usage, "")) { _ = try store.generations(of: name) }
                #expect(throws: ChantalError(.usage, "")) { _ = try store.deleteRepository(name) }
            }
        },
        Claim("snapshots keep a generation by name, once a name") { make in
            let store = try make()
            let id = try store.put(try manifest(1))
            let time = Timestamp(seconds: 1_760_000_000)
            for name in ["b", "2026-11", "a"] {
                try store.createSnapshot(
                    SnapshotRecord(name: name, generation: 1, manifest: id, createdAt: time), of: "debian")
            }
            #expect(try store.snapshots(of: "debian").map(\.name) == ["2026-11", "a", "b"])
            let again = SnapshotRecord(name: "a", generation: 2, manifest: id, createdAt: time)
            #expect(throws: ChantalError(.exists, "")) { try store.createSnapshot(again, of: "debian") }
            #expect(try store.snapshot("a", of: "debian").generation == 1)
            #expect(throws: ChantalError(.notFound, "")) { _ = try store.snapshot("../a", of: "debian") }
            var digits = again
            digits.name = "2026"
            #expect(throws: ChantalError(.usage, "")) { try store.createSnapshot(digits, of: "debian") }
            #expect(try store.deleteSnapshot("a", of: "debian"))
            #expect(try !store.deleteSnapshot("a", of: "debian"))
        },
        Claim("a repository is renamed and deleted as a whole") { make in
            let store = try make()
            let id = try store.put(try manifest(1))
            for name in ["a", "b"] { try store.commit(generation(1, id), to: name) }
            #expect(throws: ChantalError(.exists, "")) { try store.renameRepository("a", to: "b") }
            #expect(throws: ChantalError(.notFound, "")) { try store.renameRepository("x", to: "y") }
            try store.renameRepository("a", to: "c")
            #expect(try store.repositories() == ["b", "c"])
            #expect(try store.deleteRepository("c"))
            #expect(try !store.deleteRepository("c"))
            #expect(try store.repositories() == ["b"])
        },
        Claim("what was first seen when is remembered") { make in
            let store = try make()
            #expect(try store.firstSeen(of: "python") == nil)
            var seen = FirstSeen()
            let key = Array("numpy-2.0.tar.gz with spaces".utf8)
            try seen.note(key, at: Timestamp(seconds: 100))
            #expect(try seen.note(key, at: Timestamp(seconds: 200)).seconds == 100)
            #expect(throws: ChantalError(.malformed, "")) { try seen.note([10], at: Timestamp(seconds: 1)) }
            try store.putFirstSeen(seen, of: "python")
            #expect(try store.firstSeen(of: "python") == seen)
            seen.keep { _ in false }
            try store.putFirstSeen(seen, of: "python")
            #expect(try store.firstSeen(of: "python") == FirstSeen())
        },
    ]

    static let publications: [Claim<any RecordStore>] = [
        Claim("publications are replaced, listed and deleted, and no name lies within another") { make in
            let store = try make()
            let id = try store.put(try manifest(1))
            func record(_ name: String) -> PublicationRecord {
                PublicationRecord(name: name, source: .follows("debian"), manifest: id, tree: id.hex, history: [])
            }
            for name in ["debian", "prod/debian", "prod/web/x"] { try store.putPublication(record(name)) }
            for name in ["prod", "debian/x", "prod/web", "prod/web/x/y/z"] {
                #expect(throws: ChantalError(.exists, "")) { try store.putPublication(record(name)) }
            }
            for name in ["", "/a", "a/", "a//b", "../a", "a/.."] {
                #expect(throws: ChantalError(.usage, "")) { try store.putPublication(record(name)) }
            }
            var pinned = record("prod/debian")
            pinned.source = .pinned(repository: "debian", generation: 3, snapshot: "2026-11")
            pinned.history = [
                .init(manifest: id, since: Timestamp(seconds: 10), until: Timestamp(seconds: 20)),
                .init(manifest: id, since: Timestamp(seconds: 20)),
            ]
            try store.putPublication(pinned)
            #expect(try store.publication("prod/debian") == pinned)
            #expect(try store.publications().map(\.name) == ["debian", "prod/debian", "prod/web/x"])
            #expect(try store.publication("prod") == nil)
            #expect(try store.publication("none") == nil)
            #expect(try store.deletePublication("prod/web/x"))
            #expect(try store.deletePublication("prod/debian"))
            #expect(try !store.deletePublication("prod/debian"))
            try store.putPublication(record("prod"))
        },
        Claim("what a name served is kept when it is taken away and given again") { make in
            let store = try make()
            #expect(try store.withdrawal(of: "prod/debian") == nil)
            let id = try store.put(try manifest(1))
            var publication = PublicationRecord(
                name: "prod/debian", source: .follows("debian"), manifest: id, tree: id.hex,
                newest: Timestamp(seconds: 5), history: [])
            try store.putPublication(publication)
            #expect(try store.publication("prod/debian") == publication)
            for seconds: Int64 in [10, 20] {
                let withdrawal = WithdrawalRecord(
                    name: "prod/debian", tree: "\(id.hex).1", newest: Timestamp(seconds: seconds))
                try store.putWithdrawal(withdrawal)
                try store.deletePublication("prod/debian")
                #expect(try store.withdrawal(of: "prod/debian") == withdrawal)
                publication.newest = nil
                try store.putPublication(publication)
                #expect(try store.publication("prod/debian") == publication)
                #expect(try store.withdrawal(of: "prod/debian") == withdrawal)
            }
            try store.putWithdrawal(WithdrawalRecord(name: "prod", tree: id.hex, newest: Timestamp(seconds: 1)))
            #expect(try store.withdrawal(of: "prod/debian")?.newest.seconds == 20)
            #expect(throws: ChantalError(.usage, "")) { try store.withdrawal(of: "../debian") }
        },
    ]
}
