import Basics
import CommandLineKit
import Mirroring

func pending(_ context: Context) throws -> ExitStatus { throw ChantalError(.bug, "not wired yet") }

func pendingSync(_ engine: Engine, _ section: RepositorySection, _ options: SyncOptions) -> SyncReport {
    var report = SyncReport(repository: section.name, status: .failed)
    report.errors = [ChantalError(.bug, "not wired yet")]
    return report
}
