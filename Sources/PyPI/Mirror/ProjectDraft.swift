import Basics
import Mirroring

/// What the next generation holds of a project.
enum ProjectOutcome {
    /// What the generation before holds, byte for byte.
    case kept([ManifestEntry])
    /// Pages to be written anew.
    case drafted(ProjectDraft)
}

/// A project's pages before its files are in the store.
struct ProjectDraft {
    let name: ProjectName
    var displayName: String
    var status: String?
    var statusReason: String?
    var files: [FileDraft] = []
}

/// A file that a page is to offer, if it comes in.
struct FileDraft {
    let file: ProjectFile
    let path: RepositoryPath
    let isWheel: Bool
    /// Taken over from the generation before; nil for what is planned.
    var taken: ManifestEntry?
    /// The `.metadata` twin: planned, taken over, or to be read from the wheel.
    var metadata: Twin
    var provenance: Twin
    /// The requirements that brought it in, from what the user wrote on; empty where nobody asked for it by a requirement.
    var why: [String] = []

    enum Twin {
        case none
        case planned(RepositoryPath)
        case taken(ManifestEntry)
        /// Read from the wheel once that is there.
        case fromWheel(RepositoryPath)
    }
}
