/// Hears how far long work has come. Called from any thread, often; must be quick.
///
/// A task is a repository's name (or `verify`, `gc`). Totals may become known late and may grow.
public protocol ProgressReporter: Sendable {
    /// A task starts.
    func begin(_ task: String)
    /// What the task does now, in a few words: `reading indices`.
    func stage(_ task: String, _ text: String)
    /// What is to be done in all, counted from the beginning of the task; replaces what was said before.
    func expect(_ task: String, files: Int, bytes: Int64)
    /// What was done since the last call.
    func advance(_ task: String, files: Int, bytes: Int64)
    /// The task is over, well or not.
    func end(_ task: String)
    /// All is over; nothing is shown from here on.
    func close()
}

/// Says nothing.
public struct NoProgress: ProgressReporter {
    public init() {}
    public func begin(_ task: String) {}
    public func stage(_ task: String, _ text: String) {}
    public func expect(_ task: String, files: Int, bytes: Int64) {}
    public func advance(_ task: String, files: Int, bytes: Int64) {}
    public func end(_ task: String) {}
    public func close() {}
}
