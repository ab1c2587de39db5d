import Basics

/// Which times the pointers of a new tree may have.
///
/// A web server derives ETag and Last-Modified from the second of the mtime and the size: two contents of one path must not share
/// both, or a client is told that a changed file has not changed. So whatever is new is later than every pointer that the name has ever
/// served, at any path: a path may be away for a while.
struct PointerTimes: Sendable {
    /// Now, in seconds.
    let now: Timestamp
    /// The latest time of a pointer that the name has served; nil if it has served none.
    let newest: Timestamp?

    /// What a pointer gets that is made now.
    var fresh: Timestamp { newest.map { max(now, $0 + 1) } ?? now }

    /// Whether a pointer may have this time, which its blob has.
    func allow(_ time: Timestamp) -> Bool { time <= now && newest.map { time > $0 } ?? true }
}
