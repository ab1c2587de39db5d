import Basics
import Mirroring

/// `REPO@NAME` on a command line that wants a snapshot.
struct SnapshotReference {
    let state: StateReference
    let name: String
}

extension StateReference {
    /// - Throws: ``ChantalError`` `usage` for what names no snapshot.
    static func snapshot(_ text: String) throws -> SnapshotReference {
        let state = try StateReference(text)
        guard case .snapshot(let name) = state.selector else {
            throw ChantalError(
                .usage, "'\(state)' names no snapshot",
                hint: "write it as \(state.repository)@NAME; see chantal snapshot list")
        }
        return SnapshotReference(state: state, name: name)
    }
}
