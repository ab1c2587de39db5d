/// The jobs that wait, and which of them may start: so many in all, so many a host, the hosts in turn.
final class Admission {
    private let connections: Int
    private let perHost: Int
    private var active = 0
    private var hosts: [String: HostQueue] = [:]
    /// Hosts with waiting jobs, in turn.
    private var ring: [HostQueue] = []
    /// Sorted by the time at which they may start, latest first.
    private var delayed: [Job] = []

    init(connections: Int, perHost: Int) {
        self.connections = connections
        self.perHost = perHost
    }

    /// The queue of a host; a redirect or a transfer waits in it.
    func host(_ origin: String) -> HostQueue {
        if let host = hosts[origin] { return host }
        let host = HostQueue(origin)
        hosts[origin] = host
        return host
    }

    func enqueue(_ job: Job, now: Double) {
        if job.startAt > now {
            let index = delayed.firstIndex { $0.startAt <= job.startAt } ?? delayed.count
            delayed.insert(job, at: index)
        } else {
            line(up: job.host)
            job.host.append(job)
        }
    }

    /// For a job that goes on at another place: before those that have not begun.
    func enqueueFirst(_ job: Job) {
        line(up: job.host)
        job.host.prepend(job)
    }

    /// The next job that may run, counted as running; nil if there is none.
    func start(now: Double) -> Job? {
        while let job = delayed.last, job.startAt <= now {
            delayed.removeLast()
            line(up: job.host)
            job.host.append(job)
        }
        guard active < connections else { return nil }
        guard let index = ring.firstIndex(where: { $0.active < perHost }) else { return nil }
        let host = ring.remove(at: index)
        let job = host.removeFirst()
        if !host.isEmpty { ring.append(host) }
        host.active += 1
        active += 1
        return job
    }

    /// Whether a job that waits for nothing but its turn may run.
    var canStart: Bool { active < connections && ring.contains { $0.active < perHost } }

    /// A job that ``start(now:)`` gave runs no more.
    func finished(_ job: Job) {
        job.host.active -= 1
        active -= 1
    }

    /// Seconds until the first delayed job may start.
    func delay(now: Double) -> Double? { delayed.last.map { max(0, $0.startAt - now) } }

    /// Takes out the waiting jobs that a test names.
    func remove(where test: (Job) -> Bool) -> [Job] {
        var removed = delayed.filter(test)
        delayed.removeAll(where: test)
        for host in ring { removed += host.remove(where: test) }
        ring.removeAll(where: \.isEmpty)
        return removed
    }

    private func line(up host: HostQueue) {
        if host.isEmpty { ring.append(host) }
    }
}

/// The jobs that wait for one host, and how many run.
final class HostQueue {
    let origin: String
    var active = 0
    private var jobs: [Job?] = []
    private var head = 0

    init(_ origin: String) { self.origin = origin }

    var isEmpty: Bool { head == jobs.count }

    func append(_ job: Job) { jobs.append(job) }

    func prepend(_ job: Job) {
        if head > 0 {
            head -= 1
            jobs[head] = job
        } else {
            jobs.insert(job, at: 0)
        }
    }

    /// Not for an empty queue.
    func removeFirst() -> Job {
        guard let job = jobs[head] else { preconditionFailure("a taken job is asked for again") }
        jobs[head] = nil
        head += 1
        if head == jobs.count || head > 256 && head * 2 > jobs.count {
            jobs.removeFirst(head)
            head = 0
        }
        return job
    }

    func remove(where test: (Job) -> Bool) -> [Job] {
        let all = jobs[head...].compactMap { $0 }
        jobs = all.filter { !test($0) }
        head = 0
        return all.filter(test)
    }
}
