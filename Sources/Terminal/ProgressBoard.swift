import Basics
import Glibc
import Synchronization

/// Shows progress on the prose stream: on a terminal a bar for each task at the foot, redrawn five times a second by a thread of its
/// own; elsewhere a line for each task that still runs, now and then.
public final class ProgressBoard: ProgressReporter {
    private struct State {
        var tasks: [ProgressTask] = []
        var places: [String: Int] = [:]
        var saidAt: Double
        var isTicking = false
        var isClosed = false
    }

    private let output: Output
    private let interval: Double
    private let clock: @Sendable () -> Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - interval: seconds between two plain lines.
    ///   - clock: monotonic seconds.
    public init(
        output: Output, interval: Double = 10, clock: @escaping @Sendable () -> Double = ProgressBoard.monotonic
    ) {
        self.output = output
        self.interval = interval
        self.clock = clock
        state = Mutex(State(saidAt: clock()))
    }

    /// CLOCK_MONOTONIC in seconds (clock_gettime(2)).
    public static let monotonic: @Sendable () -> Double = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    public func begin(_ task: String) {
        let starts = state.withLock { state -> Bool in
            guard !state.isClosed else { return false }
            if let place = state.places[task] {
                state.tasks[place] = ProgressTask(name: task, now: clock())
            } else {
                state.places[task] = state.tasks.count
                state.tasks.append(ProgressTask(name: task, now: clock()))
            }
            defer { state.isTicking = true }
            return output.prose.isTerminal && !state.isTicking
        }
        if starts { startTicking() }
    }

    public func stage(_ task: String, _ text: String) { update(task) { $0.stage = text } }

    public func expect(_ task: String, files: Int, bytes: Int64) {
        update(task) {
            $0.totalFiles = files
            $0.totalBytes = bytes
        }
    }

    public func advance(_ task: String, files: Int, bytes: Int64) {
        update(task) {
            $0.files += files
            $0.bytes += bytes
        }
    }

    public func end(_ task: String) {
        state.withLock { state in
            guard let place = state.places.removeValue(forKey: task) else { return }
            state.tasks.remove(at: place)
            for (index, task) in state.tasks.enumerated() { state.places[task.name] = index }
        }
        draw()
    }

    /// Takes the bars away for good.
    public func close() {
        state.withLock { state in
            state.isClosed = true
            state.tasks = []
            state.places = [:]
        }
        output.move([])
    }

    private func update(_ task: String, _ change: (inout ProgressTask) -> Void) {
        let lines = state.withLock { state -> [String] in
            guard let place = state.places[task] else { return [] }
            change(&state.tasks[place])
            guard !output.prose.isTerminal else { return [] }
            let now = clock()
            guard now - state.saidAt >= interval else { return [] }
            state.saidAt = now
            for index in state.tasks.indices { state.tasks[index].measure(now) }
            return state.tasks.map { "\($0.name): \($0.text)" }
        }
        for line in lines { output.note(line) }
    }

    // MARK: Terminal

    private func draw() {
        guard output.prose.isTerminal else { return }
        let size = output.prose.size()
        state.withLock { state in
            let now = clock()
            for index in state.tasks.indices { state.tasks[index].measure(now) }
            let shown = state.tasks.prefix(max(1, size.rows - 2))
            let nameWidth = min(24, shown.map { DisplayText.width($0.name) }.max() ?? 0)
            // Drawn under the lock: two threads must not swap the order of their pictures.
            output.move(
                shown.map {
                    $0.line(
                        nameWidth: nameWidth, columns: size.columns, isUnicode: output.prose.isUnicode,
                        palette: output.prose.palette)
                })
        }
    }

    /// One turn of the ticking thread; false when it has to stop.
    fileprivate func tick() -> Bool {
        let goesOn = state.withLock { state -> Bool in
            if state.isClosed || state.tasks.isEmpty { state.isTicking = false }
            return state.isTicking
        }
        if goesOn { draw() }
        return goesOn
    }

    private func startTicking() {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { box in
                let board = Unmanaged<ProgressBoard>.fromOpaque(box!).takeRetainedValue()
                while board.tick() { usleep(200_000) }
                return nil
            }, box)
        if failed != 0 {
            // No thread to be had: the bars move only when tasks end, the work goes on.
            Unmanaged<ProgressBoard>.fromOpaque(box).release()
        } else {
            pthread_detach(thread)
        }
    }
}
