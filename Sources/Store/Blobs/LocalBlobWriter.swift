import Basics
import FileSystem
import Hashing

/// Writes and hashes one file of a session. Used by one thread at a time, as ``BlobWriter`` demands.
final class LocalBlobWriter: BlobWriter, @unchecked Sendable {
    /// Files up to this size are fetched anew rather than resumed.
    static let smallestPartial: Int64 = 1 << 20
    /// What a blob's file has in the end, and a draft from the beginning: it is written by whoever made it.
    private static let mode: UInt32 = 0o444

    enum Target: ~Copyable {
        /// A file of the session's own directory, made when there is something to write. With a key it is rather a file that outlives the session
        /// if it turns out to be too large to wait in memory.
        case draft(name: String, resumable: String?)
        /// A file that outlives the session.
        case partial(PartialFile)
    }

    private let session: LocalStagingSession
    private let expected: [Checksum]
    private let declaredSize: Int64?
    private let hasher: MultiHasher
    private var file: FileDescriptor?
    private var isEnded = false
    /// What was neither hashed nor written yet, and how many bytes.
    private var buffer: WriteBuffers.Buffer?
    private var gathered = 0
    /// What resumed bytes that were complete have proved to be.
    private var proved: Digests?
    private let draft: String
    private var partial: PartialPlace?
    /// The key of what outgrows the memory.
    private var resumable: String?
    private(set) var size: Int64 = 0
    private(set) var resumedBytes: Int64 = 0
    private(set) var validator: String?

    init(
        _ session: LocalStagingSession, _ target: consuming Target, expected: [Checksum], size: Int64?,
        algorithms: Set<ChecksumAlgorithm>
    ) throws {
        self.session = session
        self.expected = expected
        declaredSize = size
        hasher = MultiHasher(algorithms)
        switch consume target {
        case .draft(let name, let key):
            draft = name
            partial = nil
            resumable = key
        case .partial(let found):
            draft = ""
            partial = found.place
            file = found.takeFile()
            try resume()
        }
    }

    deinit {
        // A temporary file that cannot be removed now goes with the session's directory.
        try? abandon(keepPartial: true)
        if let buffer { session.buffers.giveBack(buffer) }
    }

    /// Hashes what an earlier writer left. Bytes that cannot be the beginning of this file are dropped.
    private func resume() throws {
        try withFile { file in
            try file.forEachChunk { chunk in
                hasher.update(chunk)
                size += Int64(chunk.count)
            }
        }
        if size > 0 { validator = try partial?.validator() }
        resumedBytes = size
        guard let declaredSize, size >= declaredSize, size > 0 else { return }
        // Complete, but its writer died before it said so; or not this file at all.
        let digests = hasher.finish()
        if size > declaredSize || expected.isEmpty || digests.mismatch(with: expected) != nil { return try restart() }
        proved = digests
    }

    private func withFile(_ body: (borrowing FileDescriptor) throws -> Void) throws {
        if isEnded { throw ChantalError(.bug, "a blob writer was used after its end") }
        if file == nil { file = try session.draftDirectory.create(draft, mode: LocalBlobWriter.mode) }
        try body(file!)
    }

    func remember(validator: String) throws {
        self.validator = validator
        try partial?.remember(validator)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        if let declaredSize, size + Int64(bytes.count) > declaredSize {
            throw ChantalError(
                .tooLarge, "more bytes came than the \(declaredSize) that are declared",
                hint: "the file changed upstream, or something between here and there answers in its place")
        }
        if gathered + bytes.count > WriteBuffers.size {
            try outgrowMemory()
            try flush()
        }
        if bytes.count > WriteBuffers.size {
            try process(bytes)
        } else if let source = bytes.baseAddress {
            let buffer = self.buffer ?? session.buffers.take()
            self.buffer = buffer
            buffer.start.advanced(by: gathered).copyMemory(from: source, byteCount: bytes.count)
            gathered += bytes.count
        }
        size += Int64(bytes.count)
    }

    /// A file of unknown size is not small: from now on it is to be continued if its transfer, or its process, ends.
    private func outgrowMemory() throws {
        guard let key = resumable.take(), file == nil, let found = try session.openPartial(key) else { return }
        partial = found.place
        file = found.takeFile()
        // Somebody else may have begun one and given up meanwhile.
        try withFile { try $0.truncate(to: 0) }
        try partial?.forgetValidator()
        if let validator { try partial?.remember(validator) }
    }

    /// Hashes and writes what has gathered.
    private func flush() throws {
        guard let buffer, gathered > 0 else { return }
        // Once, even if it fails: a disk may have taken the first half, and what a partial file holds is continued.
        defer { gathered = 0 }
        try process(UnsafeRawBufferPointer(start: buffer.start, count: gathered))
    }

    private func process(_ bytes: UnsafeRawBufferPointer) throws {
        try withFile { try $0.write(bytes) }
        hasher.update(bytes)
    }

    func restart() throws {
        gathered = 0
        if file != nil {
            try withFile { file in
                try file.truncate(to: 0)
                try file.seek(to: 0)
            }
        }
        try partial?.forgetValidator()
        hasher.reset()
        proved = nil
        (size, resumedBytes, validator) = (0, 0, nil)
    }

    func finish() throws -> StagedBlob {
        let blob = try complete(md5: nil)
        try handOver(blob)
        try session.noteWritten(size)
        return blob
    }

    /// The bytes of a draft as long as all of them are in memory, if MD5 is wanted of them.
    var wholeForMD5: UnsafeRawBufferPointer? {
        guard partial == nil, !isEnded, let buffer, gathered > 0, size == Int64(gathered), hasher.computes(.md5) else {
            return nil
        }
        return UnsafeRawBufferPointer(start: buffer.start, count: gathered)
    }

    /// Checks size and checksums; the file is whole then, and still the writer's.
    /// - Parameter md5: of ``wholeForMD5``, if it is computed already.
    func complete(md5: Checksum?) throws -> StagedBlob {
        if let declaredSize, size != declaredSize {
            let short = size < declaredSize
            try abandon(keepPartial: short)
            throw ChantalError(.mismatch, "\(size) bytes came where \(declaredSize) are declared")
        }
        let digests: Digests
        do { digests = try hashRest(md5: md5) } catch {
            // The first error is the one to tell; a draft that stays goes with the session's directory.
            try? abandon(keepPartial: true)
            throw error
        }
        if let (declared, actual) = digests.mismatch(with: expected) {
            try abandon(keepPartial: false)
            throw ChantalError(
                .mismatch,
                "the bytes have \(actual.map(\.description) ?? "no \(declared.algorithm.rawValue)")"
                    + " where \(declared) is declared")
        }
        do {
            try withFile { file in
                // The umask may have taken something away, and a partial file was writable.
                if try file.status().mode != LocalBlobWriter.mode { try file.setMode(LocalBlobWriter.mode) }
                if session.syncsEachFile { try file.synchronize() }
            }
            if partial == nil { try close() }
        } catch {
            // The first error is the one to tell; a draft that stays goes with the session's directory.
            try? abandon(keepPartial: true)
            throw error
        }
        return StagedBlob(digest: digests.sha256, size: size, digests: digests)
    }

    private func hashRest(md5: Checksum?) throws -> Digests {
        if let md5, let whole = wholeForMD5 {
            defer { gathered = 0 }
            try withFile { try $0.write(whole) }
            return hasher.digests(of: whole, knowing: md5)
        }
        try flush()
        return proved ?? hasher.finish()
    }

    /// The name of a completed file in the session's directory; nil if it is a partial one, which has to be handed over by itself.
    var completedDraft: String? { partial == nil ? draft : nil }

    /// Gives a completed file to the session.
    func handOver(_ blob: StagedBlob) throws {
        guard let partial else { return try session.take([(draft, blob.digest, blob.size)]) }
        do {
            // A partial file's lock goes with its descriptor: it keeps the name until the file has left.
            try session.take(partial.name, of: partial.directory, as: blob.digest, size: blob.size)
            try partial.forgetValidator()
            try close()
        } catch {
            // The first error is the one to tell; a draft that stays goes with the session's directory.
            try? abandon(keepPartial: true)
            throw error
        }
    }

    private func close() throws {
        isEnded = true
        if let file = file.take() { try file.close() }
    }

    func abandon(keepPartial: Bool) throws {
        if isEnded { return }
        defer {
            isEnded = true
            file = nil
        }
        if let partial {
            if keepPartial, size > 0 { return try flush() }
            try partial.remove()
        } else if file != nil {
            try session.draftDirectory.unlink(draft)
        }
    }
}
