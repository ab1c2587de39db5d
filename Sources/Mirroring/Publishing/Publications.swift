import Basics
import Store

/// Names under `public/` that users give and take.
extension Engine {
    /// What ``publish(_:as:)`` did.
    public struct PublishOutcome: Sendable {
        public let publication: PublicationRecord
        public let warning: String?
    }

    /// Lets a name serve a state: with a selector it is pinned, without one it follows the repository.
    /// - Parameter name: nil for the repository's own.
    public func publish(_ reference: StateReference, as name: String?) throws -> PublishOutcome {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        let state = try resolve(reference)
        let name = name ?? state.repository
        try checkPublicationName(name, for: state.repository)
        let warning = try rollbackWarning(name, state)
        let source: PublicationRecord.Source =
            reference.selector == .latest
            ? .follows(state.repository)
            : .pinned(repository: state.repository, generation: state.record.number, snapshot: state.snapshot)
        let manifest = try records.manifest(state.record.manifest)
        try publisher.serve(state.record, manifest, repository: state.repository, as: name, source: source)
        guard let record = try records.publication(name) else {
            throw ChantalError(.store, "the publication '\(name)' has no record after it was written")
        }
        return PublishOutcome(publication: record, warning: warning)
    }

    /// Takes a name away.
    /// - Throws: `usage` for a repository's own name while the repository exists: pin it instead.
    public func unpublish(_ name: String) throws {
        let lock = try store.locks.publish()
        defer { withExtendedLifetime(lock) {} }
        guard let publication = try records.publication(name) else {
            let names = try records.readablePublications().records.map(\.name)
            throw ChantalError(
                .notFound, "nothing is published as '\(name)'",
                hint: NearName.of(name, among: names).map { "did you mean '\($0)'?" }
                    ?? "chantal publish --list shows what is")
        }
        if publication.source.repository == name, try records.repositories().contains(name) {
            throw ChantalError(
                .usage, "'\(name)' is the publication of the repository of that name and stays as long as it",
                hint: "pin it to a state (chantal publish \(name)@SNAPSHOT), or delete the repository")
        }
        try publisher.noteWithdrawal(of: publication)
        try publisher.removeLink(name)
        try records.deletePublication(name)
    }

    /// - Parameter more: names of repositories that are about to be.
    /// - Throws: `usage` if a repository, a view or another publication is in the way.
    func checkPublicationName(_ name: String, for repository: String, besides more: [String] = []) throws {
        try StoreNames.checkPublication(name)
        if name == repository { return }
        var taken = Set(try records.repositories()).union(more)
        taken.formUnion(configuration.sections.map(\.name))
        if taken.contains(name) {
            throw ChantalError(
                .usage, "'\(name)' is the name of a repository or view", hint: "publish under another name")
        }
        let published = try records.readablePublications()
        taken.formUnion(published.records.map(\.name) + published.damaged.map(\.name))
        for other in taken.sorted() where other != name {
            if other.hasPrefix(name + "/") || name.hasPrefix(other + "/") {
                throw ChantalError(
                    .usage, "'\(name)' and '\(other)' cannot both be published: one is a directory of the other",
                    hint: "publish under another name")
            }
        }
    }

    /// What clients would make of the switch, where the name served other states of the same type before: they have seen all of them.
    private func rollbackWarning(_ name: String, _ target: ResolvedState) throws -> String? {
        guard let before = try records.publication(name), before.manifest != target.record.manifest else { return nil }
        var seen: Set<Digest> = [target.record.manifest]
        let ecosystem = try ecosystems.type(target.record.type)
        let blobs = store.blobs
        for manifest in [before.manifest] + before.history.reversed().map(\.manifest)
        where seen.insert(manifest).inserted {
            do {
                let served = StateReader(repository: name, manifest: try records.manifest(manifest)) {
                    try blobs.open($0)
                }
                if let warning = try ecosystem.rollbackWarning(from: served, to: reader(of: target)) { return warning }
            } catch let error as ChantalError where error.code == .store || error.code == .missing {
                // Another state may be published just because that one is damaged; of those before it, gc may have taken the files.
                if manifest != before.manifest { continue }
                return "what '\(name)' served cannot be compared with it: \(error)"
            }
        }
        return nil
    }
}
