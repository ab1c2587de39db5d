import Basics
import Mirroring

/// What was seen of an index that counts its changes: nothing that it says of an earlier moment takes that back.
///
/// A mirror behind a balancer, or a cache, may answer with an earlier state than another did.
struct SeenSerials {
    /// As they are published, by name; empty where the user accepts what upstream says now.
    private let projects: [ProjectName: ListedProject]
    /// The newest change that was seen.
    let newest: Int64?
    /// Projects whose pages are older than the list of projects says.
    private(set) var late: [ProjectName] = []
    /// What is older than what is mirrored, in words.
    private(set) var older: [String] = []

    init(_ projects: [ProjectName: ListedProject]) {
        self.projects = projects
        newest = projects.values.lazy.compactMap(\.seen).max()
    }

    subscript(project: ProjectName) -> Int64? { projects[project]?.seen }

    /// Whether something of this serial is older than what was seen of a project; no if either is not known.
    func isOlder(_ serial: Int64?, than project: ProjectName) -> Bool {
        guard let serial, let seen = self[project] else { return false }
        return serial < seen
    }

    mutating func noteLate(_ project: ProjectName) { late.append(project) }

    mutating func noteOlder(page project: ProjectName, _ serial: Int64?) {
        note("the page of \(project) is", serial, self[project])
    }

    /// - Parameter projects: as the list has them.
    mutating func noteOlder(list serial: Int64?, _ projects: some Collection<ListedProject>) {
        let older = projects.filter { isOlder($0.serial, than: $0.name) }
        if let first = older.min(by: { $0.name < $1.name }) {
            note("the list of projects has \(first.name)", first.serial, self[first.name])
        } else {
            note("the list of projects is", serial, newest)
        }
    }

    private mutating func note(_ what: String, _ serial: Int64?, _ seen: Int64?) {
        guard let serial, let seen else { return older.append(what) }
        older.append("\(what) at serial \(serial), which was \(seen) before")
    }

    /// What the user is told.
    var warnings: [String] {
        var result: [String] = []
        if let first = late.first {
            result.append(
                "the \(late.count == 1 ? "page of \(first) is" : "pages of \(first) and \(late.count - 1) other projects are") older than the list of projects says, as a cache before upstream may have it: the next sync asks for \(late.count == 1 ? "it" : "them") again"
            )
        }
        if !older.isEmpty {
            let some = older.prefix(3).joined(separator: "; ") + (older.count > 3 ? "; …" : "")
            result.append(
                "upstream's answers are older than what is mirrored, as those of one of several servers may be (\(some)): they take nothing back, and the next sync asks again. If upstream was set back for good, as from a backup, sync with --accept-removals"
            )
        }
        return result
    }
}
