import Basics
import FileSystem
import Hashing
import Synchronization

/// A session whose blobs wait as files `tmp/stage/<session>/draft7`, named by their digests only when they become blobs.
final class LocalStagingSession: StagingSession {
    /// A verified file.
    private struct Waiting {
        let draft: String
        let size: Int64
    }

    private struct State {
        var waiting: [Digest: Waiting] = [:]
        var drafts = 0
        /// Made with the first file that waits.
        var names: StagedNames?
        var ended = false
        /// The write error of a disk, told once by the kernel: nothing written before it can be trusted.
        var failure: ChantalError?
    }

    static let folder = "stage"
    let adopted: AdoptedBlobs
    private let store: LocalBlobStore
    private let reliance: RelianceFile
    /// Opened before the first write, so that syncfs(2) on it reports every write error since.
    private let stage: Directory
    let buffers = WriteBuffers()
    private let state = Mutex(State())
    private let promoting = Mutex(())
    /// Bytes that came in since the last were written to the disk.
    private let unwritten = Atomic<Int64>(0)
    private let isWriting = Atomic<Bool>(false)
    private static let writtenAtOnce: Int64 = 64 << 20

    init(_ store: LocalBlobStore, name: String, adopted: AdoptedBlobs) throws {
        self.store = store
        self.adopted = adopted
        reliance = try RelianceFile(store.locks, boot: LeftoverSessions.boot, note: name)
        let stages = try store.temporary.makeDirectories(LocalStagingSession.folder)
        try stages.makeDirectory(reliance.identifier)
        stage = try stages.directory(reliance.identifier)
    }

    deinit {
        // What cannot be tidied now is tidied when the next session begins.
        try? end()
    }

    // MARK: Writing

    func writer(
        expected: [Checksum], size: Int64?, resumable: String?, algorithms: Set<ChecksumAlgorithm>
    ) throws -> any BlobWriter {
        let draft = try newDraft()
        let wanted = algorithms.union(expected.map(\.algorithm))
        var later: String?
        if let resumable, size.map({ $0 > LocalBlobWriter.smallestPartial }) ?? true {
            if size == nil, try !PartialPlace.exists(resumable, in: store.temporary) {
                later = resumable
            } else if let partial = try openPartial(resumable) {
                return try LocalBlobWriter(self, .partial(partial), expected: expected, size: size, algorithms: wanted)
            }
        }
        return try LocalBlobWriter(
            self, .draft(name: draft, resumable: later), expected: expected, size: size, algorithms: wanted)
    }

    func openPartial(_ key: String) throws -> PartialFile? { try PartialFile.open(key, in: store.temporary) }

    func resumableBytes() throws -> [String: Int64] { try PartialPlace.sizes(in: store.temporary) }

    func newDraft() throws -> String {
        try state.withLock { state in
            try check(state)
            state.drafts += 1
            return "draft\(state.drafts)"
        }
    }

    private func check(_ state: borrowing State) throws {
        if let failure = state.failure { throw failure }
        if state.ended { throw ChantalError(.bug, "a staging session was used after its end") }
    }

    var syncsEachFile: Bool { store.durability == .each }
    var draftDirectory: Directory { stage }

    /// Takes a verified, read-only file of another directory.
    func take(_ name: some FileName, of directory: Directory, as digest: Digest, size: Int64) throws {
        let draft = try newDraft()
        try directory.rename(name, to: stage, as: draft)
        try take([(draft, digest, size)])
    }

    /// Takes verified, read-only drafts.
    func take(_ drafts: [(draft: String, digest: Digest, size: Int64)]) throws {
        let known = try state.withLock { state in
            try check(state)
            if state.names == nil { state.names = try StagedNames(in: stage) }
            var known: [String] = []
            var fresh: [(draft: String, digest: Digest)] = []
            for file in drafts {
                if state.waiting[file.digest] != nil {
                    known.append(file.draft)  // another thread brought the same bytes
                } else {
                    state.waiting[file.digest] = Waiting(draft: file.draft, size: file.size)
                    fresh.append((file.draft, file.digest))
                }
            }
            do {
                if !fresh.isEmpty { try state.names?.append(fresh) }
            } catch {
                for file in fresh { state.waiting[file.digest] = nil }
                throw error
            }
            return known
        }
        for draft in known { try stage.unlink(draft) }
    }

    // MARK: Relying

    func protect(_ digests: some Collection<Digest>) throws {
        let lock = try store.locks.sweepShared()
        try reliance.append(digests)
        withExtendedLifetime(lock) {}
    }

    func rely(on digests: [Digest]) throws -> [Int64?] {
        var sizes: [Int64?] = []
        sizes.reserveCapacity(digests.count)
        // In batches: a sweep that waits for the lock gets its turn.
        for start in stride(from: 0, to: digests.count, by: 4096) {
            let batch = digests[start..<min(start + 4096, digests.count)]
            let lock = try store.locks.sweepShared()
            try reliance.append(batch)
            let waiting = state.withLock(\.waiting)
            for digest in batch { sizes.append(try waiting[digest]?.size ?? store.size(of: digest)) }
            withExtendedLifetime(lock) {}
        }
        return sizes
    }

    private func waitingSize(_ digest: Digest) -> Int64? { state.withLock { $0.waiting[digest]?.size } }

    func contains(_ digest: Digest) throws -> Bool {
        try waitingSize(digest) != nil || store.size(of: digest) != nil
    }

    func open(_ digest: Digest) throws -> any BlobReader {
        if let waiting = state.withLock({ $0.waiting[digest] }), let file = try stage.openIfPresent(waiting.draft) {
            return try LocalBlobReader(file)
        }
        return try store.open(digest)
    }

    func discard(_ digests: some Collection<Digest>) throws {
        try promoting.withLock { _ in
            for digest in digests {
                guard let waiting = state.withLock({ $0.waiting.removeValue(forKey: digest) }) else { continue }
                try stage.unlink(waiting.draft)
            }
        }
    }

    // MARK: Promoting

    func promote() throws {
        try promoting.withLock { _ in
            let waiting = try state.withLock { state in
                try check(state)
                return state.waiting.sorted { $0.key < $1.key }
            }
            if waiting.isEmpty { return }
            if !syncsEachFile { try synchronizeFilesystem() }
            try protect(waiting.map(\.key))
            for (digest, file) in waiting {
                try store.place(file.draft, of: stage, as: digest, size: file.size)
                _ = state.withLock { $0.waiting.removeValue(forKey: digest) }
            }
            if syncsEachFile {
                for folder in Set(waiting.map { BlobNames.folder($0.key) }) {
                    try store.blobs.directory(folder).synchronize()
                }
                try store.blobs.synchronize()
            } else {
                try synchronizeFilesystem()
            }
        }
    }

    /// Lets the disk work while more comes in: now and then whoever has finished a file does what ``promote()`` would have to wait for. Of many
    /// files at once, as each request to a disk costs the processor more than the bytes.
    func noteWritten(_ count: Int64) throws {
        let sum = unwritten.wrappingAdd(count, ordering: .relaxed).newValue
        guard !syncsEachFile, sum >= LocalStagingSession.writtenAtOnce,
            !isWriting.exchange(true, ordering: .acquiring)
        else { return }
        defer { isWriting.store(false, ordering: .releasing) }
        unwritten.store(0, ordering: .relaxed)
        try synchronizeFilesystem()
    }

    private func synchronizeFilesystem() throws {
        do {
            try stage.synchronizeFilesystem()
        } catch {
            let failure = ChantalError.wrap(error, .io).within("what was fetched did not reach the disk")
            state.withLock { $0.failure = failure }
            throw failure
        }
    }

    func end() throws { try end(keepsWaiting: true) }

    func discard() throws { try end(keepsWaiting: false) }

    private func end(keepsWaiting: Bool) throws {
        let (first, keep) = state.withLock { state in
            defer { state.ended = true }
            // After a write error nothing that waits can be told from what is lost: it is fetched again.
            return (!state.ended, keepsWaiting && !state.waiting.isEmpty && state.failure == nil)
        }
        if !first { return }
        if !keep {
            let stages = try store.temporary.directory(LocalStagingSession.folder)
            try stages.removeTree(reliance.identifier)
        }
        try reliance.remove()
    }
}
