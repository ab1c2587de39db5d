import Basics
import Mirroring

/// A selected index and what upstream has of it.
struct FetchedIndex {
    struct Form {
        let form: IndexFile.Form
        let file: StoredFile
    }

    let index: IndexFile
    /// From the cheapest to decode to the dearest; empty if upstream has none.
    fileprivate(set) var forms: [Form] = []
}

/// An index under its own name is of another state than the Release file: upstream is just being updated, or damaged.
struct StaleIndex: Error {
    let cause: ChantalError
}

/// Fetches the indices of a suite.
struct IndexFetcher {
    let session: SyncSession
    let roots: SuiteRoots

    private struct Wanted {
        let index: Int
        let form: IndexFile.Form
    }

    /// Every form that upstream has, as a verbatim mirror holds them.
    /// - Throws: ``StaleIndex``; ``ChantalError`` for anything but files that upstream lacks.
    func everyForm(of indexes: [IndexFile]) throws -> [FetchedIndex] {
        var result = indexes.map { FetchedIndex(index: $0) }
        let wanted = indexes.enumerated().flatMap { index, file in file.forms.map { Wanted(index: index, form: $0) } }
        try fetch(wanted, into: &result)
        return result
    }

    /// One form each: compressed rather than plain, and of these the cheapest to decode.
    func oneForm(of indexes: [IndexFile]) throws -> [FetchedIndex] {
        var result = indexes.map { FetchedIndex(index: $0) }
        var left = indexes.map { file in
            (file.forms.filter { $0.format != .none } + file.forms.filter { $0.format == .none })[...]
        }
        while true {
            let wanted = indexes.indices.compactMap { index -> Wanted? in
                guard result[index].forms.isEmpty, let form = left[index].popFirst() else { return nil }
                return Wanted(index: index, form: form)
            }
            if wanted.isEmpty { return result }
            try fetch(wanted, into: &result)
        }
    }

    private func fetch(_ wanted: [Wanted], into result: inout [FetchedIndex]) throws {
        var files = [StoredFile?](repeating: nil, count: wanted.count)
        var open: [Int] = []
        for (place, want) in wanted.enumerated() {
            if want.form.entry.size == 0 {
                files[place] = try emptyFile(want.form.entry)
            } else {
                open.append(place)
            }
        }
        if roots.release.acquireByHash {
            // Whatever goes wrong there, the file's own name has the last word.
            let found = try session.fetch(open.map { request(wanted[$0].form.entry, byHash: true) })
            for (place, outcome) in zip(open, found) {
                if case .success(let file) = outcome { files[place] = file }
            }
            try session.checkCancellation()
            open = open.filter { files[$0] == nil }
        }
        let found = try session.fetch(open.map { request(wanted[$0].form.entry, byHash: false) })
        for (place, outcome) in zip(open, found) {
            switch outcome {
            case .success(let file): files[place] = file
            case .failure(let error):
                if error.code == .mismatch || error.code == .tooLarge { throw StaleIndex(cause: error) }
                guard error.code == .missing else { throw error }
            }
        }
        for (want, file) in zip(wanted, files) {
            guard let file else { continue }
            result[want.index].forms.append(FetchedIndex.Form(form: want.form, file: file))
        }
    }

    private func request(_ entry: ReleaseEntry, byHash: Bool) -> MetadataRequest {
        let path = roots.suite.path(entry.path)
        return MetadataRequest(
            source: byHash ? path.byHash(entry.strongest) : path, size: entry.size, checksums: entry.checksums)
    }

    /// Upstreams list empty files that they do not have; there is but one content that they can have.
    private func emptyFile(_ entry: ReleaseEntry) throws -> StoredFile {
        for checksum in entry.checksums where checksum != EmptyFile.checksum(checksum.algorithm) {
            throw ChantalError(
                .mismatch,
                "'\(roots.suite.path(entry.path))' is listed with no bytes and the \(checksum.algorithm.releaseField) of a file that has some",
                path: entry.path.description)
        }
        return try session.put([])
    }
}
