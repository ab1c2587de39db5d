import Basics
import Mirroring
import Store

extension Context {
    /// The configuration in force.
    ///
    /// - Throws: ``ChantalError`` `config`.
    func configuration() throws -> Configuration {
        let path = try Configuration.locate(explicit: configPath, environment: environment)
        output.detail("reading \(path)")
        return try Configuration.load(path: path, ecosystems: ecosystems.declarations, environment: environment)
    }

    /// The engine on the store of the configuration.
    ///
    /// - Parameter writing: whether the command changes the store; then it must belong to this user.
    /// - Parameter restoring: whether directories of the store that are gone are made again.
    /// - Parameter observer: without one, only warnings are shown.
    func engine(writing: Bool, restoring: Bool = false, observer: (any SyncObserver)? = nil) throws -> Engine {
        let configuration = try configuration()
        let store = try StoreDirectory.open(at: configuration.storePath, restoring: restoring)
        if writing { try store.requireOwner() }
        return Engine(
            configuration: configuration, store: store, ecosystems: ecosystems, cancellation: cancellation,
            observer: observer ?? WarningObserver(output: output))
    }
}

extension Engine {
    /// The repositories and views of the configuration in its order, then those that only the store has.
    func repositoryNames() throws -> [String] {
        let configured = configuration.sections.map(\.name)
        return configured + (try store.records.repositories()).filter { !configured.contains($0) }
    }

    /// The repositories that a command line names; all that have a generation if it names none.
    ///
    /// - Throws: ``ChantalError`` `not_found` for one that the store does not have.
    func storedRepositories(_ names: [String]) throws -> [String] {
        let known = try store.records.repositories()
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw ChantalError(
                .notFound, "the store has no repository '\(unknown)'",
                hint: NearName.of(unknown, among: known).map { "did you mean '\($0)'?" }
                    ?? "chantal repository list shows what there is")
        }
        return names.isEmpty ? known : known.filter(names.contains)
    }
}
