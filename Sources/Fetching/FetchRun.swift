internal import Basics
internal import Glibc
internal import HTTPClient
internal import Store

/// One call of ``Downloader/fetch(_:_:)``: keeps a window of transfers under way and handles what comes back.
final class FetchRun {
    private let downloader: Downloader
    private let upstream: Upstream
    private let group = TransferGroup()
    private let completions = CompletionQueue<Completion>()
    private let finishing: FinishingDesk
    private let window: Int
    private var health: BaseHealth
    /// Submitted and not yet handled.
    private var inFlight = 0
    private var arrived: [Completion] = []
    /// Files that wait for another try.
    private var waiting: [FetchTask] = []
    private var progress = FetchProgress()
    private var observedAt = 0.0

    /// Files that end while this thread sleeps, as long as no connection is idle for it.
    private static let restingCount = 8
    /// Seconds between two looks at the cancellation.
    private static let tick = 0.1
    /// Nobody waits longer for a server than this, whatever it says.
    private static let longestRetryAfter: Int64 = 300

    init(_ downloader: Downloader) {
        self.downloader = downloader
        upstream = downloader.upstream
        finishing = FinishingDesk(downloader.session, completions)
        // Enough that no connection is idle while files are finished and this thread rests.
        window = downloader.client.configuration.connections * 2 + FinishingDesk.mostAtOnce + FetchRun.restingCount
        health = BaseHealth(bases: upstream.bases.count)
        progress.bytes = downloader.received.count
    }

    func run(next: () -> FetchRequest?, _ onResult: (FetchResult) throws -> Void) throws {
        defer { finishing.close() }
        do {
            try loop(next, onResult)
        } catch {
            drain()
            throw error
        }
        observe(force: true)
    }

    private func loop(_ next: () -> FetchRequest?, _ onResult: (FetchResult) throws -> Void) throws {
        var isExhausted = false
        func report(_ task: FetchTask, _ outcome: Result<FetchOutcome, ChantalError>) throws {
            if case .failure = outcome { progress.failed += 1 } else { progress.files += 1 }
            try onResult(FetchResult(tag: task.request.tag, outcome: outcome))
        }
        while true {
            try downloader.cancellation.check()
            let now = monotonic()
            while inFlight < window, let task = takeReady(now) { try start(task, now, report) }
            while inFlight < window, waiting.count < window * 8, !isExhausted {
                guard let request = next() else {
                    isExhausted = true
                    break
                }
                switch Result(catching: { () throws(ChantalError) in try upstream.targets(for: request) }) {
                case .success(let targets): try start(FetchTask(request, targets: targets), now, report)
                case .failure(let error): try report(FetchTask(request, targets: []), .failure(error))
                }
            }
            if inFlight == 0, waiting.isEmpty, isExhausted { return }
            let soonest = waiting.map(\.readyAt).min().map { max(0, $0 - now) } ?? .infinity
            arrived += completions.take(atLeast: resting, timeout: min(FetchRun.tick, soonest))
            while !arrived.isEmpty { try handle(arrived.removeFirst(), report) }
            observe()
        }
    }

    /// After how many completions this thread has to do something.
    private var resting: Int {
        max(1, min(FetchRun.restingCount, inFlight - 2 * downloader.client.configuration.connections))
    }

    private typealias Report = (FetchTask, Result<FetchOutcome, ChantalError>) throws -> Void

    private func takeReady(_ now: Double) -> FetchTask? {
        guard let index = waiting.firstIndex(where: { $0.readyAt <= now }) else { return nil }
        return waiting.remove(at: index)
    }

    private func start(_ task: FetchTask, _ now: Double, _ report: Report) throws {
        let index: Int
        switch task.choose(health, now: now) {
        case .ask(let chosen): index = chosen
        case .wait: return waiting.append(task)
        case .giveUp(let error): return try report(task, .failure(error))
        }
        let request = task.request
        let target = task.targets[index]
        let writer = try makeWriter(for: request)
        if let size = request.size, size > 0, writer.resumedBytes == size {
            // An earlier process had fetched all of it.
            let response = FetchResponse(url: target.url, finalURL: target.url, headers: ResponseHeaders())
            return try report(task, .success(.fetched(Fetched(writer.finish(), response))))
        }
        let attempt = Attempt(task, target, writer: writer, received: downloader.received)
        var transfer = Transfer(
            url: target.url, options: target.options, resume: attempt.resume,
            sizeLimit: request.size ?? request.sizeLimit,
            group: group, sink: attempt
        ) { [finishing] result in finishing.take(attempt, index, result) }
        if let known = request.validators, known.url == nil || known.url == target.url {
            transfer.validators = Transfer.Validators(etag: known.etag, lastModified: known.lastModified)
        }
        transfer.headers = request.headers
        if task.hadMismatch { transfer.headers.append(("Cache-Control", "no-cache")) }
        inFlight += 1
        downloader.client.submit(transfer)
    }

    private func makeWriter(for request: FetchRequest) throws -> any BlobWriter {
        if let room = request.room, request.size == nil, request.checksums.isEmpty, request.algorithms.isEmpty {
            return HoldingWriter(room) { [session = downloader.session] in try session.writer(expected: [], size: nil) }
        }
        return try downloader.session.writer(
            expected: request.checksums, size: request.size, resumable: request.partialKey,
            algorithms: request.algorithms)
    }

    private func handle(_ completion: Completion, _ report: Report) throws {
        switch completion {
        case .finished(let attempt, let index, let response, let result):
            inFlight -= 1
            try conclude(attempt, index, response, result, report)
        case .transferred(let attempt, let index, .success(let response)) where !response.isNotModified:
            // In memory, or the desk would have it.
            inFlight -= 1
            try conclude(attempt, index, response, Result { try attempt.writer.finish() }, report)
        case .transferred(let attempt, let index, let result):
            inFlight -= 1
            try handle(attempt, index, result, report)
        }
    }

    /// The bytes are all there, and were checked.
    private func conclude(
        _ attempt: Attempt, _ index: Int, _ response: Response, _ result: Result<StagedBlob, any Error>,
        _ report: Report
    ) throws {
        downloader.requests.add(response.requests)
        health.answered(attempt.target.base)
        let blob: StagedBlob
        do { blob = try result.get() } catch let error as ChantalError where error.code == .mismatch {
            let named = ChantalError(
                .mismatch, "\(response.finalURL): \(error.message)", hint: error.hint, url: response.finalURL)
            return try retry(attempt.task, index, .mismatch, named, kept: 0, report)
        } catch {
            throw ChantalError.wrap(error).within("\(attempt.task.request.name) cannot be stored")
        }
        let shown = FetchResponse(url: attempt.target.url, finalURL: response.finalURL, headers: response.headers)
        let held = (attempt.writer as? HoldingWriter)?.held
        try report(attempt.task, .success(.fetched(Fetched(blob, shown, held: held))))
    }

    private func handle(
        _ attempt: Attempt, _ index: Int, _ result: Result<Response, TransferFailure>, _ report: Report
    ) throws {
        let (task, target) = (attempt.task, attempt.target)
        let now = monotonic()
        switch result {
        case .success(let response):
            downloader.requests.add(response.requests)
            health.answered(target.base)
            let shown = FetchResponse(url: target.url, finalURL: response.finalURL, headers: response.headers)
            try attempt.writer.abandon(keepPartial: true)
            try report(task, .success(.notModified(shown)))
        case .failure(let failure):
            downloader.requests.add(failure.requests)
            let kept = attempt.writer.size
            // Wrong bytes are not continued; what lay there before this attempt may be right.
            let isWrong = failure.error.code == .mismatch || failure.error.code == .tooLarge
            try attempt.writer.abandon(keepPartial: !isWrong || failure.bytes == 0)
            if failure.error.code == .interrupted { throw failure.error }
            if attempt.isLocalFailure { throw failure.error.within("\(task.request.name) cannot be stored") }
            note(failure, target, now)
            var reason = failure.error
            // More bytes than declared are not those declared.
            if reason.code == .tooLarge, task.request.size != nil { reason.code = .mismatch }
            try retry(task, index, kind(of: failure, reason), reason, kept: kept, report)
        }
    }

    /// What a failure says of the base.
    private func note(_ failure: TransferFailure, _ target: Target, _ now: Double) {
        if failure.status != nil || !failure.isTransient {
            health.answered(target.base)
        } else {
            health.failed(target.base, now: now)
        }
        if let seconds = failure.retryAfter, failure.isTransient {
            health.pause(target.base, until: now + Double(min(seconds, FetchRun.longestRetryAfter)))
        }
    }

    private func kind(of failure: TransferFailure, _ reason: ChantalError) -> FetchTask.Failure {
        switch reason.code {
        case .missing: return .missing
        case .mismatch: return .mismatch
        default: break
        }
        if !failure.isTransient { return .permanent }
        return .transient(retryAfter: Double(min(failure.retryAfter ?? 0, FetchRun.longestRetryAfter)))
    }

    private func retry(
        _ task: FetchTask, _ index: Int, _ failure: FetchTask.Failure, _ reason: ChantalError, kept: Int64,
        _ report: Report
    ) throws {
        if task.failed(index, failure, reason, kept: kept, upstream, now: monotonic()) {
            waiting.append(task)
        } else {
            try report(task, .failure(task.finalError))
        }
    }

    /// Ends what is under way, and waits until no transfer touches a writer any more.
    private func drain() {
        downloader.client.cancel(group)
        while inFlight > 0 {
            arrived += completions.take(timeout: arrived.isEmpty ? 1 : 0)
            for completion in arrived {
                // The error that led here is the one to tell; a draft that stays goes with the session.
                try? completion.attempt.writer.abandon(keepPartial: true)
            }
            inFlight -= arrived.count
            arrived = []
        }
    }

    private func observe(force: Bool = false) {
        guard let observer = downloader.observer else { return }
        let now = monotonic()
        guard force || now - observedAt >= FetchRun.tick else { return }
        observedAt = now
        progress.bytes = downloader.received.count
        observer(progress)
    }

    private func monotonic() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
