internal import Basics

/// A file on its way: which places were asked, and what they said.
final class FetchTask: @unchecked Sendable {
    // The downloader's thread alone changes it; the client's reads `request`, which is constant.
    let request: FetchRequest
    let targets: [Target]
    /// When it may be asked for again.
    private(set) var readyAt = 0.0
    private var excluded: Set<Int> = []
    /// Whether other bytes came than declared: caches on the way are then asked not to answer.
    var hadMismatch: Bool { !mismatches.isEmpty }
    private var mismatches: [Int: Int] = [:]
    /// The first place not yet asked in this round.
    private var position = 0
    private var round = 0
    /// How often and how long servers asked to wait: no failure as long as it stays within reason.
    private var waits = 0
    private var waited = 0.0
    /// Most bytes that an attempt left to the next.
    private var furthest: Int64 = 0
    private var isMissingEverywhere = true
    private var error: ChantalError?

    private static let mostWaits = 20
    private static let longestWait = 600.0

    init(_ request: FetchRequest, targets: [Target]) {
        self.request = request
        self.targets = targets
    }

    /// How an attempt failed.
    enum Failure {
        case missing
        /// Other bytes than declared.
        case mismatch
        /// Asking again may help, at the earliest after so many seconds.
        case transient(retryAfter: Double)
        case permanent
    }

    /// The place to ask now: the first of this round that is well, else the first that does not want to be left alone.
    func choose(_ health: BaseHealth, now: Double) -> Choice {
        let open = targets.indices.filter { $0 >= position && !excluded.contains($0) }
        let times = open.map { health.pausedUntil(targets[$0].base) }
        let ready = zip(open, times).filter { $0.1 <= now }.map(\.0)
        if let index = ready.first(where: { !health.isDown(targets[$0].base, now: now) }) ?? ready.first {
            return .ask(index)
        }
        guard let soonest = times.min() else { return .giveUp(finalError) }
        readyAt = soonest
        return .wait
    }

    enum Choice {
        case ask(Int)
        /// Until ``readyAt``.
        case wait
        case giveUp(ChantalError)
    }

    /// Notes a failure and says whether the file can be asked for again; ``readyAt`` says when.
    /// - Parameter kept: bytes that the next attempt can continue from.
    func failed(
        _ index: Int, _ failure: Failure, _ reason: ChantalError, kept: Int64, _ upstream: Upstream, now: Double
    )
        -> Bool
    {
        position = index + 1
        readyAt = now
        var wait = 0.0
        if case .missing = failure {
            if error == nil { error = reason }
        } else {
            isMissingEverywhere = false
            error = reason
        }
        switch failure {
        case .missing, .permanent: excluded.insert(index)
        case .mismatch:
            // Once more: what lay in a cache between here and there may be gone.
            mismatches[index, default: 0] += 1
            if mismatches[index, default: 0] > 1 { excluded.insert(index) }
        case .transient(let seconds): wait = seconds
        }
        if kept > furthest + FetchRequest.smallestPartial {
            furthest = kept
            round = 0
        }
        if targets.indices.contains(where: { $0 >= position && !excluded.contains($0) }) { return true }
        if excluded.count == targets.count { return false }
        if wait > 0, waits < FetchTask.mostWaits, waited + wait <= FetchTask.longestWait {
            waits += 1
            waited += wait
            position = 0
            readyAt = now + wait * Double.random(in: 1...1.2)
            return true
        }
        if round >= upstream.retries { return false }
        let backoff = min(30, upstream.retryDelay * Double(1 << min(round, 16)))
        round += 1
        position = 0
        readyAt = now + max(wait, backoff * Double.random(in: 0.5...1.5))
        return true
    }

    /// Why the file could not be had.
    var finalError: ChantalError {
        guard var reason = error else { return ChantalError(.bug, "\(request.name) was not asked for") }
        // A copy that lacks the file says less than one that could not be asked.
        if isMissingEverywhere { reason.code = .missing }
        let places = targets.count > 1 ? " from any of \(targets.count) upstreams" : ""
        var result = reason.within("\(request.name) cannot be fetched\(places)")
        result.path = request.name
        return result
    }
}
