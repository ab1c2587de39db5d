import Mirroring
import Store

/// Which views a command brings up to date beside repositories.
struct ViewChoice {
    private let configuration: Configuration
    private let records: any RecordStore

    init(_ configuration: Configuration, _ records: any RecordStore) {
        self.configuration = configuration
        self.records = records
    }

    /// - Parameter names: of repositories and views. Empty: all views are meant. A view that is named is always meant; one that
    ///   follows a repository that is named only if all its members have a state, for nobody has asked for it.
    func sections(following names: [String]) throws -> [RepositorySection] {
        try configuration.views.map(\.section).filter { view in
            if names.isEmpty || names.contains(view.name) { return true }
            guard view.members.contains(where: names.contains) else { return false }
            return try view.members.allSatisfy { try records.latestGeneration(of: $0) != nil }
        }
    }
}
