import Basics
import FileSystem
import Synchronization

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

    /// Does two steps at once, the first on a thread of its own. What the calling thread does not use of the processor counts for it.
    /// - Throws: the errors of both.
    func both(
        _ aside: SyncStep, _ asideWork: @escaping @Sendable () throws -> Void, _ here: SyncStep,
        _ hereWork: () throws -> Void
    ) throws {
        end()
        let started = Clock.monotonic()
        let cpu = Clock.processorTime()
        for step in [aside, here] { observer.step(step, repository: repository) }
        var (hereSeconds, hereCPU) = (0.0, 0.0)
        let asideSeconds = Mutex(0.0)
        let timed = { @Sendable in
            defer { asideSeconds.withLock { $0 = Clock.monotonic() - started } }
            try asideWork()
        }
        let errors = Workers.both(timed) {
            let before = Clock.threadTime()
            defer { (hereSeconds, hereCPU) = (Clock.monotonic() - started, Clock.threadTime() - before) }
            try hereWork()
        }
        observer.ended(
            aside, seconds: asideSeconds.withLock(\.self), cpuSeconds: Clock.processorTime() - cpu - hereCPU,
            repository: repository)
        observer.ended(here, seconds: hereSeconds, cpuSeconds: hereCPU, repository: repository)
        if errors.count == 1 { throw errors[0] }
        if !errors.isEmpty { throw CombinedError(errors.map { ChantalError.wrap($0) }) }
    }

    func end() {
        guard let (step, started, cpu) = current else { return }
        current = nil
        observer.ended(
            step, seconds: Clock.monotonic() - started, cpuSeconds: Clock.processorTime() - cpu, repository: repository)
    }
}
