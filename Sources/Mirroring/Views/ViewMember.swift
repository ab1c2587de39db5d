import Basics
import Store

/// A repository's state in force, as a part of a view.
public struct ViewMember {
    /// The repository's name.
    public let name: String
    public let record: GenerationRecord
    /// Its manifest and blobs; what it names stays until the view is made.
    public let state: StateReader

    public init(name: String, record: GenerationRecord, state: StateReader) {
        self.name = name
        self.record = record
        self.state = state
    }
}
