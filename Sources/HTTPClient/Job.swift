internal import Basics
internal import CCurl

/// A transfer on its way: through redirects and restarts, seen from the client's thread alone.
final class Job {
    let transfer: Transfer
    /// Where the next request goes.
    var url: WebURL
    let firstOrigin: String
    let credentials: TransferOptions.Credentials?
    /// URLs asked so far, against loops.
    var visited: [String] = []
    /// What to ask to continue; nil once the server showed that it cannot.
    var resume: Transfer.Resume?
    let startAt: Double
    var requests = 0
    unowned var host: HostQueue

    // While a request runs:
    var easy: EasyHandle?
    var file: FileReader?
    var headers = ResponseHeaders()
    var status = 0
    var phase = Phase.headers
    /// Bytes of a body that went to the sink, of this request.
    var received: Int64 = 0
    private var discarded = 0
    var failure: TransferFailure?
    var isPaused = false
    var lastActivity = 0.0
    private unowned let meter: Meter

    enum Phase {
        case headers
        /// The body goes to the sink.
        case accepted
        /// The body of a redirect or an error, which nobody reads.
        case discarded
        /// The range is not the one asked for: ask again without.
        case restarts
    }

    init(_ transfer: Transfer, url: WebURL, host: HostQueue, meter: Meter, now: Double) {
        self.transfer = transfer
        self.url = url
        self.host = host
        self.meter = meter
        firstOrigin = url.origin
        resume = transfer.resume.flatMap { $0.offset > 0 ? $0 : nil }
        startAt = now + transfer.delay
        credentials =
            transfer.options.credentials
            ?? (url.user.map { .basic(user: $0, password: url.password ?? "") })
    }

    /// Whether the next request goes where credentials may be seen.
    var mayShowSecrets: Bool { url.origin == firstOrigin }

    /// For messages. ``WebURL/text`` has no user part.
    var shownURL: String { url.text }

    /// Before each request.
    func reset(now: Double) {
        headers.removeAll()
        (status, phase, received, discarded, failure, isPaused) = (0, .headers, 0, 0, nil, false)
        lastActivity = now
        requests += 1
    }

    /// A line of the header; the empty one decides what becomes of the body.
    func header(_ line: UnsafeRawBufferPointer) -> Bool {
        lastActivity = meter.now
        guard phase == .headers else { return true }  // trailers
        if line.count >= 5, line.slice(0..<5).equals("HTTP/") {
            headers.removeAll()
            status = Job.status(line)
            return true
        }
        if line.trimmed.isEmpty { return status < 200 || endOfHeaders() }
        headers.append(line)
        if headers.count > ResponseHeaders.limit {
            return fail(ChantalError(.tooLarge, "the header from \(shownURL) is too large", url: shownURL))
        }
        return true
    }

    /// - Returns: false if the request is to end.
    func endOfHeaders() -> Bool {
        switch status {
        case 200, 203: return accept(resumed: false)
        case 206:
            guard let resume, rangeStart == resume.offset else {
                phase = .restarts
                return false
            }
            return accept(resumed: true)
        case 416 where resume != nil:
            phase = .restarts
            return false
        default:
            phase = .discarded
            return true
        }
    }

    /// - Returns: bytes taken, CURL_WRITEFUNC_PAUSE, or 0 if the request is to end.
    func body(_ bytes: UnsafeRawBufferPointer) -> Int {
        lastActivity = meter.now
        guard phase == .accepted else {
            discarded += bytes.count
            return phase == .discarded && discarded <= Job.discardLimit ? bytes.count : 0
        }
        if let bucket = meter.bucket {
            guard bucket.isOpen(meter.now) else {
                isPaused = true
                return Int(CURL_WRITEFUNC_PAUSE)
            }
            bucket.take(bytes.count)
        }
        return take(bytes) ? bytes.count : 0
    }

    /// Hands bytes to the sink, up to the limit.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        received += Int64(bytes.count)
        meter.add(bytes.count)
        if let limit = transfer.sizeLimit, received + alreadyThere > limit { return failTooLarge(limit) }
        do {
            try transfer.sink.receive(bytes)
            return true
        } catch {
            return fail(ChantalError.wrap(error))
        }
    }

    func fail(_ error: ChantalError, isTransient: Bool = false) -> Bool {
        failure = TransferFailure(error, isTransient: isTransient)
        return false
    }

    /// More of a redirect's or error's body ends the connection: cheaper than to read it.
    private static let discardLimit = 256 << 10

    private var alreadyThere: Int64 { status == 206 ? resume?.offset ?? 0 : 0 }

    private func accept(resumed: Bool) -> Bool {
        phase = .accepted
        let length = headers.contentLength
        if let limit = transfer.sizeLimit, let length, length > limit - alreadyThere { return failTooLarge(limit) }
        do {
            try transfer.sink.begin(response(), resumed: resumed)
            return true
        } catch {
            return fail(ChantalError.wrap(error))
        }
    }

    private func failTooLarge(_ limit: Int64) -> Bool {
        fail(ChantalError(.tooLarge, "\(shownURL) has more than the \(limit) bytes expected", url: shownURL))
    }

    /// `HTTP/1.1 206 Partial Content` is 206; 0 if there is no number.
    private static func status(_ line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: 0x20, from: 0), space + 4 <= line.count else { return 0 }
        return Int(line.slice((space + 1)..<(space + 4)).decimal ?? 0)
    }

    /// `Content-Range: bytes 100-199/200` begins at 100.
    private var rangeStart: Int64? {
        headers.withValue("Content-Range") { value -> Int64? in
            guard let space = value.firstIndex(of: 0x20, from: 0), value.slice(0..<space).equalsIgnoringCase("bytes"),
                let dash = value.firstIndex(of: 0x2d, from: space)
            else { return nil }
            return value.slice((space + 1)..<dash).decimal
        } ?? nil
    }
}

extension Job {
    static let writeCallback: curl_write_callback = { bytes, size, count, user in
        let job = Unmanaged<Job>.fromOpaque(user!).takeUnretainedValue()
        return job.body(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }

    static let headerCallback: curl_write_callback = { bytes, size, count, user in
        let job = Unmanaged<Job>.fromOpaque(user!).takeUnretainedValue()
        return job.header(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }
}
