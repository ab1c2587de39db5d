import Basics
import FileSystem
import Hashing
import Store
import Testing

/// What every blob store must do. A backend runs all claims with its own factory of empty stores.
enum BlobStoreConformance {
    static let claims: [Claim<any BlobStore>] = writing + reading + sweeping

    private static let hello = Array("hello\n".utf8)
    private static let absent = sha256(of: Array("absent".utf8))

    private static func ingest(_ store: any BlobStore, _ contents: [[UInt8]]) throws -> [Digest] {
        let session = try store.beginSession(name: "test")
        let digests = try contents.map { try session.put($0).digest }
        try session.promote()
        try session.end()
        return digests
    }

    /// Writes two thirds of a file in one session and the rest in the next.
    private static func resume(_ store: any BlobStore, declaring size: Int64?) throws {
        let bytes = [UInt8]((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) })
        let key = sha256(of: bytes).hex
        func open(_ session: any StagingSession) throws -> any BlobWriter {
            try session.writer(expected: [Checksum(sha256(of: bytes))], size: size, resumable: key, algorithms: [])
        }
        let session = try store.beginSession(name: "test")
        let writer = try open(session)
        #expect(writer.resumedBytes == 0)
        try writer.remember(validator: "\"etag\"")
        for start in stride(from: 0, to: 2_000_000, by: 16_000) {
            try write(writer, Array(bytes[start..<(start + 16_000)]))
        }
        // Somebody else with the same key gets a file of its own.
        let rival = try open(session)
        #expect(rival.resumedBytes == 0)
        try rival.abandon(keepPartial: true)
        try writer.abandon(keepPartial: true)
        #expect(try session.resumableBytes() == [key: 2_000_000])
        try session.end()

        let next = try store.beginSession(name: "test")
        let resumed = try open(next)
        #expect(resumed.resumedBytes == 2_000_000)
        #expect(resumed.validator == "\"etag\"")
        try write(resumed, Array(bytes[2_000_000...]))
        #expect(try resumed.finish().digest == sha256(of: bytes))
        try next.promote()
        #expect(try store.size(of: sha256(of: bytes)) == 3_000_000)
        let fresh = try open(next)
        #expect(fresh.resumedBytes == 0 && fresh.validator == nil)
    }

    private static func write(_ writer: any BlobWriter, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try writer.write($0) }
    }

    static let writing: [Claim<any BlobStore>] = [
        Claim("a blob has no name before it is promoted, and has one after") { make in
            let store = try make()
            let session = try store.beginSession(name: "test")
            let (digest, size) = try session.put(hello)
            #expect(size == 6)
            #expect(try store.size(of: digest) == nil)
            #expect(try session.contains(digest))
            #expect(try session.open(digest).size == 6)
            try session.promote()
            #expect(try store.size(of: digest) == 6)
            #expect(try store.readAll(digest, limit: 6) == hello)
            #expect(try session.contains(digest))
            try session.end()
            try session.end()
        },
        Claim("many small files are put at once, equal ones and those that are stored too") { make in
            let store = try make()
            let stored = try ingest(store, [hello])
            let session = try store.beginSession(name: "test")
            let batch = [hello, Array("other".utf8), [], Array("other".utf8)]
            let files = try session.put(batch)
            #expect(files.map(\.digest) == batch.map { sha256(of: $0) })
            #expect(files.map(\.size) == batch.map { Int64($0.count) })
            #expect(files[0].digest == stored[0])
            try session.promote()
            for (file, bytes) in zip(files, batch) { #expect(try store.readAll(file.digest, limit: 6) == bytes) }
            try session.end()
        },
        Claim("wrong bytes never become a blob") { make in
            let store = try make()
            let session = try store.beginSession(name: "test")
            let declared = Checksum(sha256(of: hello))
            let writer = try session.writer(expected: [declared], size: 6)
            try write(writer, Array("hallo\n".utf8))
            #expect(throws: ChantalError(.mismatch, "")) { try writer.finish() }
            let short = try session.writer(expected: [declared], size: 6)
            try write(short, Array(hello[..<3]))
            #expect(throws: ChantalError(.mismatch, "")) { try short.finish() }
            let long = try session.writer(expected: [], size: 5)
            #expect(throws: ChantalError(.tooLarge, "")) { try write(long, hello) }
            try long.abandon(keepPartial: false)
            try session.promote()
            try store.forEachBlob { digest, _ in Issue.record("\(digest) was stored") }
        },
        Claim("every declared checksum is checked, and those asked for are told") { make in
            let store = try make()
            let session = try store.beginSession(name: "test")
            let md5 = ChecksumHasher.checksum(.md5, of: hello)
            let writer = try session.writer(expected: [md5], size: nil, resumable: nil, algorithms: [.sha512])
            try write(writer, Array(hello[..<2]))
            try write(writer, Array(hello[2...]))
            let blob = try writer.finish()
            #expect(blob.digest == sha256(of: hello) && blob.size == 6)
            #expect(blob.digests[.sha512] == ChecksumHasher.checksum(.sha512, of: hello))
            let other = try session.writer(expected: [ChecksumHasher.checksum(.sha1, of: [1])], size: nil)
            try write(other, hello)
            #expect(throws: ChantalError(.mismatch, "")) { try other.finish() }
        },
        Claim("of several files that are finished at once each has its own result") { make in
            let store = try make()
            let session = try store.beginSession(name: "test")
            let contents = (0..<20).map { [UInt8](repeating: UInt8($0), count: $0 * 1_000) } + [hello, hello]
            let large = (0..<1_200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
            var writers: [any BlobWriter] = []
            for bytes in contents {
                let md5 = ChecksumHasher.checksum(.md5, of: bytes)
                let writer = try session.writer(
                    expected: [md5, Checksum(sha256(of: bytes))], size: Int64(bytes.count), resumable: nil,
                    algorithms: [.sha1])
                try write(writer, bytes)
                writers.append(writer)
            }
            let wrong = try session.writer(
                expected: [ChecksumHasher.checksum(.md5, of: [1]), Checksum(sha256(of: hello))], size: 6)
            try write(wrong, hello)
            let short = try session.writer(expected: [], size: 7)
            try write(short, hello)
            let key = Checksum(sha256(of: large))
            let partial = try session.writer(
                expected: [key], size: Int64(large.count), resumable: key.hex, algorithms: [.md5])
            try write(partial, large)
            writers.insert(wrong, at: 3)
            writers += [short, partial]
            let results = session.finish(writers)
            #expect(throws: ChantalError(.mismatch, "")) { try results[3].get() }
            #expect(throws: ChantalError(.mismatch, "")) { try results[23].get() }
            var good = results
            good.remove(at: 23)
            good.remove(at: 3)
            for (result, bytes) in zip(good, contents + [large]) {
                let blob = try result.get()
                #expect(blob.digest == sha256(of: bytes) && blob.size == Int64(bytes.count))
                #expect(blob.digests[.md5] == ChecksumHasher.checksum(.md5, of: bytes))
                if bytes != large { #expect(blob.digests[.sha1] == ChecksumHasher.checksum(.sha1, of: bytes)) }
            }
            #expect(session.finish([]).isEmpty)
            try session.promote()
            for bytes in contents + [large] { #expect(try store.readAll(sha256(of: bytes), limit: 2_000_000) == bytes) }
            var count = 0
            try store.forEachBlob { _, _ in count += 1 }
            #expect(count == 22)
            try session.end()
        },
        Claim("the empty file is a blob like any other") { make in
            let store = try make()
            let digest = try ingest(store, [[]])[0]
            #expect(try store.size(of: digest) == 0)
            #expect(try store.readAll(digest, limit: 0) == [])
        },
        Claim("the same bytes are stored once, from two writers and two sessions at a time") { make in
            let store = try make()
            let first = try store.beginSession(name: "a")
            let second = try store.beginSession(name: "b")
            for session in [first, second] {
                for _ in 0..<2 {
                    let writer = try session.writer(expected: [], size: nil)
                    try write(writer, hello)
                    _ = try writer.finish()
                }
            }
            try first.promote()
            try second.promote()
            var count = 0
            try store.forEachBlob { _, _ in count += 1 }
            #expect(count == 1)
            #expect(try store.readAll(sha256(of: hello), limit: 6) == hello)
        },
        Claim("a writer that starts anew forgets what it had") { make in
            let store = try make()
            let session = try store.beginSession(name: "test")
            let writer = try session.writer(expected: [Checksum(sha256(of: hello))], size: 6)
            try write(writer, [1, 2, 3])
            try writer.restart()
            #expect(writer.size == 0)
            try write(writer, hello)
            #expect(try writer.finish().digest == sha256(of: hello))
        },
        Claim("what waits when a session ends is taken in by the next") { make in
            let store = try make()
            let session = try store.beginSession(name: "test")
            _ = try session.put(hello)
            try session.end()
            #expect(throws: ChantalError(.bug, "")) { _ = try session.writer(expected: [], size: nil) }
            let next = try store.beginSession(name: "test")
            #expect(next.adopted.count == 1 && next.adopted.bytes == 6)
            #expect(try next.rely(on: [sha256(of: hello)]) == [6])
        },
        Claim("large bytes of a key are resumed by the next session") { make in
            try resume(try make(), declaring: 3_000_000)
        },
        Claim("so are those whose size nobody declares; small ones leave nothing") { make in
            let store = try make()
            try resume(store, declaring: nil)
            let session = try store.beginSession(name: "test")
            let small = try session.writer(expected: [], size: nil, resumable: "small")
            try small.remember(validator: "\"etag\"")
            try write(small, hello)
            try small.abandon(keepPartial: true)
            #expect(try session.resumableBytes().isEmpty)
            let again = try session.writer(expected: [], size: nil, resumable: "small")
            try write(again, Array(hello[..<3]))
            try again.restart()
            try write(again, hello)
            #expect(try again.finish().digest == sha256(of: hello) && session.resumableBytes().isEmpty)
        },
        Claim("resumed bytes that prove wrong are not kept") { make in
            let store = try make()
            let bytes = [UInt8](repeating: 3, count: 2_000_000)
            let session = try store.beginSession(name: "test")
            func open() throws -> any BlobWriter {
                try session.writer(
                    expected: [Checksum(sha256(of: bytes))], size: 2_000_000, resumable: "key1", algorithms: [])
            }
            let writer = try open()
            try write(writer, [UInt8](repeating: 4, count: 1_500_000))
            try writer.abandon(keepPartial: true)
            let resumed = try open()
            #expect(resumed.resumedBytes == 1_500_000)
            try write(resumed, [UInt8](repeating: 3, count: 500_000))
            #expect(throws: ChantalError(.mismatch, "")) { try resumed.finish() }
            #expect(try open().resumedBytes == 0)
            // Complete already: the writer may finish without a byte more.
            let whole = try open()
            try write(whole, bytes)
            try whole.abandon(keepPartial: true)
            let complete = try open()
            #expect(complete.resumedBytes == 2_000_000)
            #expect(try complete.finish().digest == sha256(of: bytes))
            // As long as it should be, but not the file: nothing is resumed.
            let false1 = try open()
            try write(false1, [UInt8](repeating: 9, count: 2_000_000))
            try false1.abandon(keepPartial: true)
            #expect(try open().resumedBytes == 0)
        },
    ]

    static let reading: [Claim<any BlobStore>] = [
        Claim("a blob that is not there is missing") { make in
            let store = try make()
            #expect(try store.size(of: absent) == nil)
            #expect(throws: ChantalError(.missing, "")) { _ = try store.open(absent) }
            #expect(try store.check(absent) == .missing)
            #expect(try store.storedAt(absent) == nil)
            #expect(try store.remove(absent) == nil)
        },
        Claim("a listing has every blob with its size, in order") { make in
            let store = try make()
            let contents = (0..<300).map { Array("content \($0)".utf8) }
            let digests = try ingest(store, contents)
            var listed: [Digest] = []
            var bytes: Int64 = 0
            try store.forEachBlob { digest, size in
                listed.append(digest)
                bytes += size
            }
            #expect(listed == digests.sorted())
            #expect(bytes == contents.reduce(0) { $0 + Int64($1.count) })
        },
        Claim("reading is bounded, and a good blob checks as good") { make in
            let store = try make()
            let digest = try ingest(store, [hello])[0]
            #expect(throws: ChantalError(.tooLarge, "")) { _ = try store.readAll(digest, limit: 5) }
            #expect(try store.check(digest) == .good(size: 6))
            #expect(abs(try #require(try store.storedAt(digest)) - Clock.now()) < 60)
        },
    ]

    static let sweeping: [Claim<any BlobStore>] = [
        Claim("a sweep removes what nobody needs and tells how much") { make in
            let store = try make()
            let digests = try ingest(store, [hello, [1], [2]])
            let result = try store.removeUnlessRelied(digests + [absent]) { [digests[1]] }
            #expect(result.removed == 2 && result.bytes == 7 && result.kept == [digests[1]])
            #expect(try store.size(of: digests[0]) == nil)
            #expect(try store.size(of: digests[1]) == 1)
        },
        Claim("a sweep keeps what a session relies on, until it ends") { make in
            let store = try make()
            let digests = try ingest(store, [hello, [1]])
            let session = try store.beginSession(name: "test")
            #expect(try session.rely(on: digests + [absent]) == [6, 1, nil])
            #expect(try store.removeUnlessRelied(digests) { [] }.kept == digests)
            try session.end()
            #expect(try store.removeUnlessRelied(digests) { [] }.removed == 2)
        },
        Claim("a sweep keeps what a session has just promoted") { make in
            let store = try make()
            let session = try store.beginSession(name: "test")
            let writer = try session.writer(expected: [], size: nil)
            try write(writer, hello)
            let digest = try writer.finish().digest
            try session.promote()
            #expect(try store.removeUnlessRelied([digest]) { [] }.removed == 0)
        },
        Claim("a recheck that fails keeps all") { make in
            let store = try make()
            let digests = try ingest(store, [hello])
            #expect(throws: ChantalError(.store, "")) {
                _ = try store.removeUnlessRelied(digests) { throw ChantalError(.store, "unreadable") }
            }
            #expect(try store.size(of: digests[0]) == 6)
        },
    ]
}
