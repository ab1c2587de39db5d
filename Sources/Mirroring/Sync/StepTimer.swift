import FileSystem

/// Tells an observer which step a sync is in, and how long each took.
final class StepTimer {
    private let repository: String
    private let observer: any SyncObserver
    private var current: (step: SyncStep, started: Double, cpu: Double)?

    init(repository: String, observer: any SyncObserver) {
        self.repository = repository
        self.observer = observer
    }

    /// Ends the step before and begins another.
    func begin(_ step: SyncStep) {
        end()
        current = (step, Clock.monotonic(), Clock.processorTime())
        observer.step(step, repository: repository)
    }

    func end() {
        guard let (step, started, cpu) = current else { return }
        current = nil
        observer.ended(
            step, seconds: Clock.monotonic() - started, cpuSeconds: Clock.processorTime() - cpu, repository: repository)
    }
}
