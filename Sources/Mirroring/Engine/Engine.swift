import Basics
import Catalog
import Fetching
import FileSystem
import Store

/// Everything that the verbs work with: an open store, the configuration, the ecosystems, and who listens.
public final class Engine: Sendable {
    public let configuration: Configuration
    public let store: StoreDirectory
    public let ecosystems: EcosystemRegistry
    public let cancellation: Cancellation
    public let observer: any SyncObserver
    public let publisher: Publisher
    let network: Network
    let warnings: WarningBook
    /// The truth about what was decided.
    public var records: any RecordStore { store.records }

    /// - Parameter store: already checked to belong to this user if the verb writes.
    public convenience init(
        configuration: Configuration, store: StoreDirectory, ecosystems: EcosystemRegistry, cancellation: Cancellation,
        observer: any SyncObserver
    ) {
        self.init(
            configuration: configuration, store: store, ecosystems: ecosystems, cancellation: cancellation,
            observer: observer, largeTree: SharedDirectories.worthwhile)
    }

    /// - Parameter largeTree: files from which on a tree has its unchanged directories in common with others.
    init(
        configuration: Configuration, store: StoreDirectory, ecosystems: EcosystemRegistry, cancellation: Cancellation,
        observer: any SyncObserver, largeTree: Int
    ) {
        self.configuration = configuration
        self.store = store
        self.ecosystems = ecosystems
        self.cancellation = cancellation
        self.observer = observer
        let warnings = WarningBook(observer)
        self.warnings = warnings
        publisher = Publisher(store: store, largeTree: largeTree) { warnings.warn($1, repository: $0) }
        network = Network()
    }
}
