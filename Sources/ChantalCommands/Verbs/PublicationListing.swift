import Basics
import CommandLineKit
import Mirroring
import Store
import Terminal

/// What is published, and what is wrong with the records of what else is.
struct PublicationListing {
    let rows: [PublicationRow]
    let errors: [ChantalError]

    init(_ engine: Engine) throws {
        let all = try engine.store.records.readablePublications()
        rows = try all.records.map { try PublicationRow($0, engine) }
        errors = all.damaged.map(\.error)
    }

    /// Shows the errors.
    /// - Returns: the status of a command that does nothing but tell.
    func tell(_ output: Output) -> ExitStatus {
        for error in errors { ErrorReport(error: error).say(to: output) }
        return errors.isEmpty ? .done : .failed
    }
}
