import Basics
import Fetching
import Store

/// What may be absent upstream, and what then happens.
struct Leniency {
    /// Whether the rest is committed with what failed left as it was (`on_missing: keep`).
    let keepsGoing: Bool
    /// Paths that may be absent (`allow_missing`).
    let allowed: [NamePattern]

    init(_ section: RepositorySection) {
        keepsGoing = section.value(CommonSettings.onMissing) == .keep
        allowed = section.value(CommonSettings.allowMissing)
    }

    func allows(_ path: RepositoryPath) -> Bool { allowed.contains { $0.matches(name: path.bytes) } }
}

/// The files of a plan on their way into the store: first what is there, then what has to be fetched.
struct PackageFetch {
    private let plan: SyncPlan
    private let session: SyncSession
    private let policy: Leniency
    private let observer: any SyncObserver
    private let stored: [StoredFile?]
    /// Indices into the plan's files of what has to be fetched; of several files with one declared digest only the first.
    let wanted: [Int]
    /// Digests of files that have to be fetched and stand at several paths.
    private let twins: Set<Digest>
    /// The declared bytes of what has to be fetched.
    let wantedBytes: Int64
    /// The declared bytes of all files.
    let declaredBytes: Int64

    /// Of all files of a repository, in bytes: no more is believed.
    private static let mostBytes: Int64 = 1 << 60

    /// Looks which files the store has; each is protected before it is relied on.
    /// - Throws: ``ChantalError`` `too_large`, naming the file, for declared sizes that nobody can have.
    init(plan: SyncPlan, session: SyncSession, policy: Leniency, observer: any SyncObserver) throws {
        self.plan = plan
        self.session = session
        self.policy = policy
        self.observer = observer
        declaredBytes = try PackageFetch.declaredBytes(of: plan.files)
        var stored: [StoredFile?] = []
        stored.reserveCapacity(plan.files.count)
        var start = 0
        while start < plan.files.count {
            let batch = plan.files[start..<min(start + 8192, plan.files.count)]
            try session.checkCancellation()
            stored += try session.present(
                batch.map { file in
                    let digest = try file.sha256 ?? session.knownDigest(of: file.checksums)
                    return (digest, file.size ?? file.before.flatMap { $0.digest == digest ? $0.size : nil })
                })
            start = batch.endIndex
        }
        self.stored = stored
        var wanted: [Int] = []
        var bytes: Int64 = 0
        var asked: Set<Digest> = []
        var twins: Set<Digest> = []
        for (index, file) in plan.files.enumerated() where stored[index] == nil {
            if let digest = file.sha256, !asked.insert(digest).inserted {
                twins.insert(digest)
                continue
            }
            wanted.append(index)
            bytes += file.size ?? 0
        }
        self.wanted = wanted
        self.twins = twins
        wantedBytes = bytes
    }

    private static func declaredBytes(of files: [PlannedFile]) throws -> Int64 {
        var sum: Int64 = 0
        for file in files {
            let size = file.size ?? 0
            guard size >= 0, size <= mostBytes - sum else {
                throw ChantalError(
                    .tooLarge,
                    "'\(file.path)' is declared to have \(size) bytes, and all files together more than there can be",
                    hint: "upstream's metadata is damaged; its owner has to make it anew", path: file.path.description)
            }
            sum += size
        }
        return sum
    }

    /// What lies there of unfinished files, which are continued.
    func resumableBytes(_ downloader: Downloader) throws -> (all: Int64, ofDeclared: Int64) {
        try downloader.resumableBytes(of: wanted.lazy.map { request($0) })
    }

    /// Files to be fetched whose size nobody declares.
    var wantedOfUnknownSize: Int { wanted.count { plan.files[$0].size == nil } }

    /// The packages among the plan's files that came in while it was made: how many, and their bytes.
    var fetchedBefore: (files: Int, bytes: Int64) {
        var result: (files: Int, bytes: Int64) = (0, 0)
        var came = session.fetched
        for (file, there) in zip(plan.files, stored) where file.isPackage {
            guard let there, came.remove(there.digest) != nil else { continue }
            result.files += 1
            result.bytes += there.size
        }
        return result
    }

    /// Fetches what is missing; every file is tried, whatever happens to the others.
    /// - Throws: the errors of all files that are missing and may not be, as one.
    func run(_ downloader: Downloader) throws -> FetchedPackages {
        var stored = self.stored
        var failed: [Int: ChantalError] = [:]
        var byDigest: [Digest: StoredFile] = [:]
        var aliases: [(Checksum, Digest)] = []
        observer.willFetch(files: wanted.count, bytes: wantedBytes, repository: session.repository)
        try downloader.fetch(wanted.lazy.map { request($0) }) { result in
            let file = plan.files[result.tag]
            switch result.file {
            case .success(let fetched):
                let there = StoredFile(digest: fetched.digest, size: fetched.size)
                stored[result.tag] = there
                if twins.contains(fetched.digest) { byDigest[fetched.digest] = there }
                if file.sha256 == nil {
                    aliases += file.checksums.map { ($0, fetched.digest) }
                }
            case .failure(let error): failed[result.tag] = error
            }
            observer.didFetch(files: 1, bytes: file.size ?? 0, repository: session.repository)
        }
        let arrived = wanted.count - failed.count
        try session.remember(aliases)
        for (index, file) in plan.files.enumerated() where stored[index] == nil && failed[index] == nil {
            // A file whose twin was fetched, or failed, under another path.
            if let digest = file.sha256, let twin = byDigest[digest] {
                stored[index] = twin
            } else {
                failed[index] = failure(ofTwin: file, failed)
            }
        }
        if let inspection = plan.inspection {
            let refused = try PackageInspection(inspection: inspection, session: session).run(plan.files, stored)
            for (index, error) in refused {
                stored[index] = nil
                failed[index] = error
            }
        }
        return try FetchedPackages(
            plan: plan, stored: stored, failed: failed, arrived: arrived, policy: policy, session: session)
    }

    private func failure(ofTwin file: PlannedFile, _ failed: [Int: ChantalError]) -> ChantalError {
        for (index, error) in failed where plan.files[index].sha256 == file.sha256 { return error }
        return ChantalError(.bug, "no transfer of '\(file.path)' was tried", path: file.path.description)
    }

    private func request(_ index: Int) -> FetchRequest {
        let file = plan.files[index]
        var name = file.source.name
        // What a file is published as says more than a URL, which the error tells anyway.
        if case .url = file.source { name = file.path.description }
        return FetchRequest(
            file.source.location, name: name, size: file.size, sizeLimit: file.sizeLimit,
            checksums: file.declared, tag: index)
    }
}

/// The files of a plan, as far as the store has them now.
struct FetchedPackages {
    private(set) var entries: [ManifestEntry] = []
    /// Published paths that are allowed to be missing, or that `on_missing: keep` goes on without.
    private(set) var leftOut: Set<RepositoryPath> = []
    /// Of these, what was not allowed to be missing (only with `on_missing: keep`).
    private(set) var failed: Set<RepositoryPath> = []
    private(set) var leftOutPackages = 0
    /// What the record names as incomplete: path and reason.
    private(set) var incomplete: [String] = []
    /// What failed and was not allowed to (only with `on_missing: keep`).
    private(set) var failures: [ChantalError] = []
    /// How many files came in.
    let arrived: Int

    init(
        plan: SyncPlan, stored: [StoredFile?], failed: [Int: ChantalError], arrived: Int, policy: Leniency,
        session: SyncSession
    ) throws {
        self.arrived = arrived
        entries.reserveCapacity(plan.files.count)
        incomplete = plan.incomplete
        var errors: [ChantalError] = []
        func judge(_ path: RepositoryPath?, _ error: ChantalError, _ name: String) {
            if let path, policy.allows(path) {
                incomplete.append("\(path): \(error.message)")
                session.warn("\(name) is left out, as allow_missing says: \(error)")
            } else {
                errors.append(error)
                if let path { self.failed.insert(path) }
                incomplete.append("\(name): \(error.message)")
            }
            if let path { leftOut.insert(path) }
        }
        for (index, file) in plan.files.enumerated() {
            if let there = stored[index] {
                entries.append(ManifestEntry(path: file.path, digest: there.digest, size: there.size, role: file.role))
            } else if let error = failed[index] {
                if file.isPackage { leftOutPackages += 1 }
                judge(file.path, error, file.path.description)
            }
        }
        for defect in plan.defects {
            judge(defect.path, defect.error, defect.path?.description ?? defect.error.message)
        }
        if errors.isEmpty { return }
        guard policy.keepsGoing else { throw CombinedError(errors) }
        failures = errors
    }
}

/// Several errors of one sync.
struct CombinedError: Error {
    let errors: [ChantalError]
    init(_ errors: [ChantalError]) { self.errors = errors }
}
