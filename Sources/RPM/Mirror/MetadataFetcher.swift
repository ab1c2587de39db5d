import Basics
import Hashing
import Mirroring

/// Brings in repomd.xml, its signature and the records that are wanted, from one mirror and of one state.
struct MetadataFetcher {
    let session: SyncSession
    let verifier: MetadataVerifier
    /// What repomd.xml has to be, where a metalink says so.
    let expected: [Checksum]
    /// Whether a record is wanted.
    let wants: (RepomdRecord) -> Bool
    /// Whether records may lie elsewhere (`xml:base`): where metadata is written anew.
    let mayLieElsewhere: Bool
    /// Whether a file may be missing upstream (`allow_missing`).
    let mayLack: (RepositoryPath) -> Bool

    private static let attempts = 3
    private static let companionLimit: Int64 = 1 << 20

    /// Asks for repomd.xml: one request.
    /// - Throws: ``ChantalError`` `missing` where there is none.
    func ask(again: Bool = false) throws -> RootAnswer {
        let answer = try session.root(Repomd.path, limit: Repomd.sizeLimit, again: again)
        if case .absent = answer {
            throw ChantalError(
                .missing, "upstream has no '\(Repomd.path)'",
                hint: "look whether the URL is that of the directory which holds 'repodata/'",
                path: Repomd.path.description)
        }
        return answer
    }

    /// Reads what an answer stands for; starts over while upstream is being updated.
    func read(_ answer: RootAnswer) throws -> MirroredMetadata {
        var answer = answer
        var attempt = 1
        while true {
            guard let bytes = try session.rootContents(Repomd.path, answer, limit: Int(Repomd.sizeLimit)) else {
                throw ChantalError(.missing, "upstream no longer has '\(Repomd.path)'", path: Repomd.path.description)
            }
            let root = StoredFile(digest: answer.digest ?? sha256(of: bytes), size: Int64(bytes.count))
            do {
                return try read(bytes, root)
            } catch let error as ChantalError
                where MetadataFetcher.mayBeStale(error) && attempt < MetadataFetcher.attempts
            {
                attempt += 1
                answer = try ask(again: true)
                // The same repomd.xml: then it is not that upstream moved on meanwhile.
                if answer.digest == root.digest { throw error }
            }
        }
    }

    /// What happens when repomd.xml and the files beside it are of different states.
    static func mayBeStale(_ error: ChantalError) -> Bool {
        [.missing, .mismatch, .tooLarge, .signature].contains(error.code)
    }

    private func read(_ bytes: [UInt8], _ root: StoredFile) throws -> MirroredMetadata {
        try checkExpected(bytes)
        let companions = try companions()
        let signature = try companions.first { $0.path == Repomd.signaturePath }.map {
            try session.readAll($0.file.digest, limit: Int(MetadataFetcher.companionLimit))
        }
        let verdict = try verifier.verify(bytes, signature: signature)
        let repomd = try RepomdReader.read(bytes, file: Repomd.path.description)
        guard repomd["primary"] != nil else {
            throw ChantalError(
                .malformed, "'\(Repomd.path)' has no record 'primary', so nobody can know the packages",
                path: Repomd.path.description)
        }
        try checkPaths(repomd)
        let files = try fetch(repomd.records.filter(wants))
        return MirroredMetadata(root: root, repomd: repomd, companions: companions, verdict: verdict, files: files)
    }

    private func checkExpected(_ bytes: [UInt8]) throws {
        for checksum in expected {
            let actual = ChecksumHasher.checksum(checksum.algorithm, of: bytes)
            if actual == checksum { continue }
            throw ChantalError(
                .mismatch,
                "'\(Repomd.path)' is not the one that the metalink describes: it has \(actual), not \(checksum)",
                hint: "the mirror is out of date, or damaged", path: Repomd.path.description)
        }
    }

    /// The signature, and the key that some publish beside it.
    private func companions() throws -> [(path: RepositoryPath, file: StoredFile)] {
        let paths = [Repomd.signaturePath, Repomd.keyPath]
        let found = try session.fetch(
            paths.map { MetadataRequest(source: $0, sizeLimit: MetadataFetcher.companionLimit) })
        var result: [(path: RepositoryPath, file: StoredFile)] = []
        for (path, outcome) in zip(paths, found) {
            switch outcome {
            case .success(let file): result.append((path, file))
            case .failure(let error): if error.code != .missing { throw error }
            }
        }
        return result
    }

    private func checkPaths(_ repomd: Repomd) throws {
        let own = [Repomd.path, Repomd.signaturePath, Repomd.keyPath]
        var seen: [RepositoryPath: Checksum] = [:]
        for record in repomd.records {
            let path = record.location.path
            func refuse(
                _ reason: String, _ code: ChantalError.Code = .malformed, hint: String? = nil
            ) -> ChantalError {
                ChantalError(
                    code, "the record '\(record.type)' of '\(Repomd.path)' is refused: \(reason)", hint: hint,
                    path: Repomd.path.description)
            }
            if let base = record.location.base, !mayLieElsewhere {
                throw refuse(
                    "its file lies at another place, '\(Redaction.url(base))' (xml:base)", .unsafePath,
                    hint: "a repository with 'filter' is written anew, and can hold it")
            }
            if own.contains(path) { throw refuse("it claims the path '\(path)'", .unsafePath) }
            if let other = seen.updateValue(record.checksum, forKey: path), other != record.checksum {
                throw refuse("another record names '\(path)' with other bytes")
            }
        }
    }

    private func fetch(_ records: [RepomdRecord]) throws -> [MirroredMetadata.File] {
        let found = try session.fetch(
            try records.map {
                MetadataRequest(
                    source: try $0.location.source(), size: $0.size, sizeLimit: RecordReader.openLimit,
                    checksums: [$0.checksum])
            })
        var files: [MirroredMetadata.File] = []
        for (record, outcome) in zip(records, found) {
            switch outcome {
            case .success(let file): files.append(.init(record: record, file: file))
            case .failure(let error):
                if error.code == .missing, record.type != "primary", mayLack(record.location.path) {
                    session.warn("the record '\(record.type)' is left out, as allow_missing says: \(error)")
                    continue
                }
                throw error.within("the record '\(record.type)' of '\(Repomd.path)' cannot be mirrored")
            }
        }
        return files
    }
}

extension RootAnswer {
    /// Nil if upstream has no such file.
    var digest: Digest? {
        switch self {
        case .unchanged(let digest): digest
        case .fetched(let file): file.digest
        case .absent: nil
        }
    }
}
