import Basics
import Catalog
import Fetching
import Store

extension SyncSession {
    /// Asks for a root document, conditionally where an unchanged one would end the sync; one request.
    /// - Parameter limit: the most bytes to accept.
    /// - Parameter again: fetches it unconditionally, for a root that may have moved on since it was last asked for.
    public func root(_ path: RepositoryPath, limit: Int64, again: Bool = false) throws -> RootAnswer {
        try roots([RootRequest(name: path, source: .path(path), limit: limit)], again: again)[0].get()
    }

    /// Asks for many roots at once; the answers stand in the order of the requests. A root that upstream lacks is `absent`.
    /// - Parameter again: fetches them unconditionally.
    /// - Throws: `interrupted`, or what the store says when it cannot take any more.
    public func roots(_ requests: [RootRequest], again: Bool = false) throws -> [Result<RootAnswer, ChantalError>] {
        try cancellation.check()
        var results = [Result<RootAnswer, ChantalError>?](repeating: nil, count: requests.count)
        var known: [Digest?] = []
        known.reserveCapacity(requests.count)
        var fetches: [FetchRequest] = []
        fetches.reserveCapacity(requests.count)
        for (tag, request) in requests.enumerated() {
            var fetch = FetchRequest(
                request.source.location, name: request.source.name, sizeLimit: request.limit, headers: request.headers,
                tag: tag)
            let memory = again ? nil : try knownRoot(request)
            fetch.validators = memory?.validators
            known.append(memory?.digest)
            if request.kept == .withValidators {
                roots.hasKept = true
                fetch.room = room
            }
            fetches.append(fetch)
        }
        try downloader.fetch(fetches) { result in
            results[result.tag] = answer(requests[result.tag], known[result.tag], result.outcome)
        }
        return results.map { $0 ?? .failure(ChantalError(.bug, "a transfer ended without a result")) }
    }

    private func answer(
        _ request: RootRequest, _ known: Digest?, _ outcome: Result<FetchOutcome, ChantalError>
    ) -> Result<RootAnswer, ChantalError> {
        switch outcome {
        case .success(.notModified):
            guard let known else {
                return .failure(
                    ChantalError(
                        .network, "upstream answered 304 to a plain request for '\(request.source.name)'",
                        path: request.source.name))
            }
            return .success(.unchanged(known))
        case .success(.fetched(let file)):
            let new = file.response.validators
            if new != nil || request.kept == .withValidators {
                var url = file.response.url
                if case .url(let own) = request.source { url = own }
                roots.note(
                    request, url: url,
                    Catalog.Validators(etag: new?.etag, lastModified: new?.lastModified, digest: file.digest),
                    isStaged: file.held == nil)
            }
            if file.digest == known { return .success(.unchanged(file.digest)) }
            return .success(
                .fetched(
                    RootFile(
                        digest: file.digest, size: file.size, url: Redaction.url(file.response.finalURL),
                        contentType: file.response.contentType, held: file.held)))
        case .failure(let error) where error.code == .missing: return .success(.absent)
        case .failure(let error): return .failure(error)
        }
    }

    /// The root's digest as it was last time, and what to ask with if some copy of the repository gave it then. Nil if it is to be
    /// asked for unconditionally.
    private func knownRoot(_ request: RootRequest) throws -> (digest: Digest, validators: Fetching.Validators?)? {
        var recorded: Digest?
        switch request.kept {
        case .inRecord:
            guard mayBeUnchanged, let previous else { return nil }
            recorded =
                acknowledgedRoots["\(request.name)"] ?? SyncSession.rootDigest(of: request.name, in: previous)
            if recorded == nil { return nil }
        case .withValidators: guard validatorsHold else { return nil }
        }
        for url in request.source.urls(bases) {
            guard let known = try catalog.validators(repository: repository, url: url),
                recorded == nil || known.digest == recorded
            else { continue }
            let canAsk = known.etag != nil || known.lastModified != nil
            var validators = Fetching.Validators(etag: known.etag, lastModified: known.lastModified, url: url)
            if case .url = request.source { validators.url = nil }
            return (known.digest, canAsk ? validators : nil)
        }
        return recorded.map { ($0, nil) }
    }

    static func rootDigest(of path: RepositoryPath, in record: GenerationRecord) -> Digest? {
        record.notes["\(GenerationNote.root)\(path)"].flatMap { Digest(hex: $0) }
    }

    /// What was said of a root in this sync or before is not remembered: the next sync asks for it unconditionally. For a root whose part
    /// could not be taken over, is held back, or no longer belongs to the repository.
    public func forgetRoot(_ name: RepositoryPath, source: FileSource? = nil) {
        roots.forget(name, urls: (source ?? .path(name)).urls(bases))
    }

    /// The bytes of a root that was just asked for; fetches it again where the answer was "unchanged" and the store no longer has it.
    /// Nil if upstream lacks it.
    public func rootContents(_ path: RepositoryPath, _ answer: RootAnswer, limit: Int) throws -> [UInt8]? {
        try rootContents(RootRequest(name: path, source: .path(path), limit: Int64(limit)), answer)
    }

    /// The bytes of a root that was just asked for; fetches it again where the answer was "unchanged" and the store no longer has it.
    /// Nil if upstream lacks it.
    public func rootContents(_ request: RootRequest, _ answer: RootAnswer) throws -> [UInt8]? {
        let limit = Int(request.limit)
        switch answer {
        case .absent: return nil
        case .fetched(let file): return try contents(of: file, limit: limit)
        case .unchanged(let digest):
            if try staging.rely(on: [digest])[0] != nil { return try readAll(digest, limit: limit) }
            guard case .fetched(let file) = try roots([request], again: true)[0].get() else { return nil }
            return try contents(of: file, limit: limit)
        }
    }

    /// The bytes of a root that came in.
    public func contents(of root: RootFile, limit: Int) throws -> [UInt8] {
        guard let held = root.held else { return try readAll(root.digest, limit: limit) }
        guard root.size <= limit else {
            throw ChantalError(.tooLarge, "a file of \(root.size) bytes is larger than the \(limit) that it may have")
        }
        return held.bytes
    }
}

/// What servers said of the roots, remembered when the sync ends well.
struct RootMemory {
    /// By name: the URL and what was said of it.
    private(set) var answers: [RepositoryPath: (url: String, validators: Catalog.Validators)] = [:]
    private(set) var forgottenURLs: Set<String> = []
    /// Whether roots were asked for whose digests are kept here alone.
    fileprivate(set) var hasKept = false
    /// Of roots that are kept here: bytes that nothing needs once the sync is over.
    private(set) var passing: Set<Digest> = []

    fileprivate mutating func note(
        _ request: RootRequest, url: String, _ validators: Catalog.Validators, isStaged: Bool
    ) {
        answers[request.name] = (url, validators)
        if request.kept == .withValidators, isStaged { passing.insert(validators.digest) }
    }

    /// Nothing needs these bytes once they are read.
    mutating func pass(_ digest: Digest) { passing.insert(digest) }

    fileprivate mutating func forget(_ name: RepositoryPath, urls: [String]) {
        if let answer = answers.removeValue(forKey: name) { forgottenURLs.insert(answer.url) }
        forgottenURLs.formUnion(urls)
    }
}

extension SyncSession {
    /// Drops roots and the like that were read and that no manifest names: nobody will ask for their bytes again.
    func discardPassing(keeping manifest: Manifest? = nil) throws {
        var passing = roots.passing
        for entry in manifest?.entries ?? [] where passing.contains(entry.digest) { passing.remove(entry.digest) }
        if !passing.isEmpty { try staging.discard(passing) }
    }

    /// Keeps what servers said for the next sync.
    func rememberValidators() throws {
        if roots.hasKept, !validatorsHold {
            // What is known of roots that were not asked for now is about another state.
            try catalog.forgetValidators(repository: repository)
        } else if !roots.forgottenURLs.isEmpty {
            try catalog.forgetValidators(repository: repository, urls: roots.forgottenURLs.sorted())
        }
        try catalog.setValidators(roots.answers.values.map { ($0.url, $0.validators) }, repository: repository)
    }
}
