import Basics
import Mirroring

/// A suite with the indices that a mirror takes of it.
struct MirroredSuite {
    let roots: SuiteRoots
    let selection: IndexSelection
    let indexes: [FetchedIndex]
    /// What upstream lists and has in no form. Each sync asks for it again.
    let absent: [IndexFile]

    var suite: Suite { roots.suite }
    var release: ReleaseFile { roots.release }

    /// An index as messages name it: its path in the archive.
    func name(_ index: IndexFile) -> String { suite.path(index.plain).description }
}

/// Brings in roots and indices of suites, of one state each.
struct SuiteReader {
    let session: SyncSession
    let roots: SuiteRootReader
    let choices: IndexChoices
    /// Whether every form of an index is wanted, or one.
    let wantsEveryForm: Bool
    /// Whether an index of this kind is wanted at all.
    let wants: (IndexKind) -> Bool

    /// Whether a mirror may be without what lies at one of these paths, as its user says.
    let mayBeAbsent: ([RepositoryPath]) -> Bool

    private static let attempts = 3

    /// Reads a suite; starts over while upstream is being updated.
    func read(_ answer: SuiteAnswer) throws -> MirroredSuite {
        var answer = answer
        var attempt = 1
        while true {
            let description = try roots.read(answer)
            do {
                return try indexes(of: description)
            } catch let stale as StaleIndex {
                let file = description.files[0].path
                guard attempt < SuiteReader.attempts else {
                    throw stale.cause.within("upstream has indices that are not those of '\(file)'")
                }
                attempt += 1
                answer = try roots.ask(answer.suite, again: true)
                let next = try roots.read(answer)
                if next.files.map(\.digest) == description.files.map(\.digest) {
                    throw stale.cause.within("upstream has an index that is not the one of '\(file)'")
                }
            }
        }
    }

    private func indexes(of roots: SuiteRoots) throws -> MirroredSuite {
        let file = roots.files[0].path.description
        if roots.release.isWeak, !choices.allowsWeakHashes {
            throw ChantalError(
                .malformed, "'\(file)' vouches for its files by MD5 or SHA1 at most, or not at all",
                hint: "set 'allow_weak_hashes: true' if you accept that", path: file)
        }
        let selection = IndexSelection(roots.release, choices, isFlat: roots.suite.isFlat)
        let wanted = selection.indexes.filter { wants($0.kind) }
        let fetcher = IndexFetcher(session: session, roots: roots)
        let fetched = try wantsEveryForm ? fetcher.everyForm(of: wanted) : fetcher.oneForm(of: wanted)
        let absent = fetched.filter(\.forms.isEmpty).map(\.index)
        for index in absent where !mayBeAbsent(paths(of: index, roots.suite)) {
            let path = roots.suite.path(index.plain).description
            if index.kind.holdsPackages {
                throw ChantalError(
                    .missing, "upstream lists '\(path)' in '\(file)' and has it in no form",
                    hint: "look whether upstream is whole, or leave its component or architecture out", path: path)
            }
            // Many list what they never had. What they had is missing for a moment, or for good without having been taken off the list.
            let state = try session.previousState()
            if let state, paths(of: index, roots.suite).contains(where: { state.manifest[$0] != nil }) {
                throw ChantalError(
                    .missing, "upstream lists '\(path)' in '\(file)', had it before, and has it in no form now",
                    hint: "look whether upstream is whole; name it in 'allow_missing' if you can do without it",
                    path: path)
            }
        }
        return MirroredSuite(
            roots: roots, selection: selection, indexes: fetched.filter { !$0.forms.isEmpty }, absent: absent)
    }

    /// Where the forms of an index lie.
    private func paths(of index: IndexFile, _ suite: Suite) -> [RepositoryPath] {
        [suite.path(index.plain)] + index.forms.map { suite.path($0.entry.path) }
    }
}

extension SuiteReader {
    /// What was asked for and no suite has.
    /// - Throws: ``ChantalError`` `not_found` with what there is.
    static func checkChoices(_ suites: [MirroredSuite], repository: String) throws {
        func unknown(_ names: (IndexSelection) -> [String]) -> String? {
            guard let first = suites.first.map({ names($0.selection) }) else { return nil }
            return first.first { name in suites.allSatisfy { names($0.selection).contains(name) } }
        }
        func refuse(_ what: String, _ name: String, _ known: [String]) -> ChantalError {
            let all = known.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            let near = NearName.of(name, among: all).map { "did you mean '\($0)'? " } ?? ""
            return ChantalError(
                .notFound, "no suite of '\(repository)' has the \(what) '\(name)'",
                hint: near + "upstream has: " + all.joined(separator: ", "))
        }
        if let name = unknown(\.unknownComponents) {
            throw refuse("component", name, suites.flatMap(\.release.components))
        }
        if let name = unknown(\.unknownArchitectures) {
            throw refuse("architecture", name, suites.flatMap(\.release.architectures))
        }
    }
}
