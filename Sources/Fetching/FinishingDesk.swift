internal import HTTPClient
internal import Hashing
internal import Store
internal import Synchronization

/// What comes back of an attempt: from the client, or from the thread that finished the file.
enum Completion {
    case transferred(Attempt, Int, Result<Response, TransferFailure>)
    case finished(Attempt, Int, Response, Result<StagedBlob, any Error>)

    var attempt: Attempt {
        switch self {
        case .transferred(let attempt, _, _), .finished(let attempt, _, _, _): attempt
        }
    }
}

/// Where files go of which all bytes have come: to threads that hash and write them, several at once.
final class FinishingDesk: Sendable {
    private struct Unfinished {
        let attempt: Attempt
        let index: Int
        let response: Response
    }

    private let session: any StagingSession
    private let completions: CompletionQueue<Completion>
    private let threads = FinishingThreads(count: FinishingDesk.threadCount)
    private let waiting = Mutex<[Unfinished]>([])

    /// Hashing several checksums costs as much as receiving does; now and then a thread waits for the disk.
    private static let threadCount = 3
    /// Files that a thread takes: twice what ``MD5Lanes`` has side by side, so that it has something to put where a short file ends.
    static let mostAtOnce = 2 * MD5Lanes.count

    init(_ session: any StagingSession, _ completions: CompletionQueue<Completion>) {
        self.session = session
        self.completions = completions
    }

    /// What the client says of an attempt. Called on the client's thread.
    func take(_ attempt: Attempt, _ index: Int, _ result: Result<Response, TransferFailure>) {
        if case .success(let response) = result, !response.isNotModified,
            (attempt.writer as? HoldingWriter)?.isInMemory != true
        {
            waiting.withLock { $0.append(Unfinished(attempt: attempt, index: index, response: response)) }
            threads.submit { [self] in finishSome() }
        } else {
            completions.put(CollectionOfOne(.transferred(attempt, index, result)))
        }
    }

    private func finishSome() {
        let files = waiting.withLock { waiting in
            let files = Array(waiting.prefix(FinishingDesk.mostAtOnce))
            waiting.removeFirst(files.count)
            return files
        }
        if files.isEmpty { return }
        let results = session.finish(files.map(\.attempt.writer))
        completions.put(zip(files, results).map { .finished($0.attempt, $0.index, $0.response, $1) })
    }

    /// Returns when all is finished; nothing may be taken any more.
    func close() { threads.close() }
}
