internal import Basics
internal import CCurl

/// What the client's thread runs: takes transfers from the mailbox, starts what may start, and drives curl.
final class TransferLoop {
    private let configuration: ClientConfiguration
    private let mailbox: Mailbox
    private let watch: SocketWatch
    private let multi: UnsafeMutableRawPointer
    private let admission: Admission
    private let meter: Meter
    private var running: [Job] = []
    private var idleHandles: [EasyHandle] = []
    /// When curl wants to be called whatever the sockets do.
    private var timer: Double?
    private var nextStallCheck = Double.infinity
    private var hasMail = true
    private var isClosing = false
    /// Which paused transfer goes first, in turn.
    private var turn = 0

    init(configuration: ClientConfiguration, mailbox: Mailbox) throws(ChantalError) {
        self.configuration = configuration
        self.mailbox = mailbox
        watch = try SocketWatch(wakeUp: mailbox.wakeUp)
        guard let handle = curl_multi_init() else { throw ChantalError(.network, "libcurl does not start") }
        multi = handle
        admission = Admission(connections: configuration.connections, perHost: configuration.perHost)
        meter = Meter(bandwidth: configuration.bandwidth, mailbox: mailbox)
        let user = Unmanaged.passUnretained(self).toOpaque()
        chantal_multi_set_socket(
            multi,
            { _, socket, what, user, _ in
                Unmanaged<TransferLoop>.fromOpaque(user!).takeUnretainedValue().watch.set(socket, what)
                return 0
            }, user)
        chantal_multi_set_timer(
            multi,
            { _, milliseconds, user in
                Unmanaged<TransferLoop>.fromOpaque(user!).takeUnretainedValue().setTimer(milliseconds)
                return 0
            }, user)
        chantal_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.connections)
        chantal_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.connections)
    }

    deinit {
        idleHandles.removeAll()
        curl_multi_cleanup(multi)
    }

    /// Until the client is closed.
    func run() {
        while true {
            meter.tick()
            if hasMail { readMail() }
            if isClosing { return }
            startJobs()
            runTimer()
            readMessages()
            readFiles()
            watch.wait(milliseconds: timeout()) { [unowned self] socket, events in
                meter.tick()
                guard socket != mailbox.wakeUp else {
                    hasMail = true
                    return
                }
                var count: Int32 = 0
                curl_multi_socket_action(multi, socket, events, &count)
            }
            meter.tick()
            runTimer()
            readMessages()
            openGate()
            checkStalls()
        }
    }

    private func setTimer(_ milliseconds: Int) {
        switch milliseconds {
        case ..<0: timer = nil
        // At once, as with every request that begins. A moment after the last look at the clock would be a millisecond's sleep.
        case 0: timer = meter.now
        default: timer = monotonicSeconds() + Double(milliseconds) / 1000
        }
    }

    private func runTimer() {
        guard let due = timer, due <= meter.now else { return }
        timer = nil
        var count: Int32 = 0
        curl_multi_socket_action(multi, curl_socket_t(-1), 0, &count)  // CURL_SOCKET_TIMEOUT
    }

    /// Milliseconds that nothing can happen in but on a socket; -1 for ever.
    private func timeout() -> Int32 {
        // What ended since the last start has made room: whoever waits for it starts in the next round, and no socket says so.
        if admission.canStart || running.contains(where: { $0.file != nil }) { return 0 }
        var seconds = nextStallCheck - meter.now
        if let timer { seconds = min(seconds, timer - meter.now) }
        if let delay = admission.delay(now: meter.now) { seconds = min(seconds, delay) }
        if let bucket = meter.bucket, running.contains(where: \.isPaused) {
            seconds = min(seconds, bucket.wait(meter.now))
        }
        if seconds == .infinity { return -1 }
        return Int32(min(max(0, seconds * 1000), 3_600_000).rounded(.up))
    }

    // MARK: Jobs in

    private func readMail() {
        hasMail = false
        let mail = mailbox.take()
        for transfer in mail.transfers {
            do {
                let url = try WebURL(transfer.url)
                guard ["http", "https", "file"].contains(url.scheme) else {
                    throw ChantalError(
                        .network, "\(url.text) is refused: only http, https and file are known", url: url.text)
                }
                let job = Job(transfer, url: url, host: admission.host(url.origin), meter: meter, now: meter.now)
                admission.enqueue(job, now: meter.now)
            } catch {
                transfer.completion(.failure(TransferFailure(ChantalError.wrap(error), isTransient: false)))
            }
        }
        if mail.closes || mail.cancelsAll {
            cancel { _ in true }
        } else if mail.cancelsGroups {
            cancel { $0.transfer.group?.isCancelled == true }
        }
        isClosing = mail.closes
    }

    private func cancel(_ test: (Job) -> Bool) {
        for job in admission.remove(where: test) { job.transfer.completion(.failure(.interrupted)) }
        for job in running.filter(test) { end(job, .failure(.interrupted)) }
    }

    private func startJobs() {
        while let job = admission.start(now: meter.now) {
            running.append(job)
            if job.transfer.group?.isCancelled == true {
                end(job, .failure(.interrupted))
                continue
            }
            job.reset(now: meter.now)
            nextStallCheck = min(nextStallCheck, meter.now + job.transfer.options.timeout)
            do {
                if job.url.scheme == "file" {
                    if let reader = try FileReader(job) { job.file = reader } else { conclude(job, CURLE_OK) }
                } else {
                    meter.addRequest()
                    let easy = try idleHandles.popLast() ?? EasyHandle()
                    job.easy = easy
                    try easy.prepare(job, userAgent: configuration.userAgent)
                    curl_multi_add_handle(multi, easy.pointer)
                }
            } catch {
                end(job, .failure(TransferFailure(ChantalError.wrap(error), isTransient: false)))
            }
        }
    }

    // MARK: Jobs out

    private func readMessages() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let result = chantal_message_result(message)
            var user: UnsafeMutableRawPointer?
            chantal_easy_info_pointer(easy, CURLINFO_PRIVATE, &user)
            guard let user else { continue }
            conclude(Unmanaged<Job>.fromOpaque(user).takeUnretainedValue(), result)
        }
    }

    /// A request is over: the transfer may be, too, or goes on elsewhere.
    private func conclude(_ job: Job, _ result: CURLcode) {
        switch job.outcome(result) {
        case .finished(let response): end(job, .success(response))
        case .failed(let failure): end(job, .failure(failure))
        case .again(let url):
            stop(job)
            job.url = url
            job.host = admission.host(url.origin)
            admission.enqueueFirst(job)
        }
    }

    private func end(_ job: Job, _ result: Result<Response, TransferFailure>) {
        stop(job)
        job.transfer.completion(result)
    }

    private func stop(_ job: Job) {
        if let easy = job.easy {
            curl_multi_remove_handle(multi, easy.pointer)
            idleHandles.append(easy)
            job.easy = nil
        }
        job.file = nil
        if let index = running.firstIndex(where: { $0 === job }) {
            running.remove(at: index)
            admission.finished(job)
        }
    }

    // MARK: Time

    /// Lets paused transfers go on, in turn, as far as the bandwidth allows.
    private func openGate() {
        guard let bucket = meter.bucket, bucket.isOpen(meter.now) else { return }
        let paused = running.filter(\.isPaused)
        for offset in paused.indices {
            guard bucket.isOpen(meter.now) else { return }
            let job = paused[(turn + offset) % paused.count]
            job.isPaused = false
            job.lastActivity = meter.now
            turn += 1
            if let easy = job.easy { curl_easy_pause(easy.pointer, CURLPAUSE_CONT) }
        }
    }

    /// Ends transfers without a byte for as long as their upstream's time-out.
    private func checkStalls() {
        guard meter.now >= nextStallCheck else { return }
        nextStallCheck = .infinity
        for job in running where job.file == nil {
            let timeout = job.transfer.options.timeout
            if job.isPaused { job.lastActivity = meter.now }
            if meter.now - job.lastActivity >= timeout {
                end(job, .failure(job.stalled(timeout)))
            } else {
                nextStallCheck = min(nextStallCheck, job.lastActivity + timeout)
            }
        }
    }

    private func readFiles() {
        for job in running {
            guard let file = job.file else { continue }
            if file.step(job) { continue }
            conclude(job, CURLE_OK)
        }
    }
}
