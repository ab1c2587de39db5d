/// What a process tells its parent (exit(3)).
public struct ExitStatus: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Everything was done.
    public static let done = ExitStatus(rawValue: 0)
    /// The work failed, wholly or in part.
    public static let failed = ExitStatus(rawValue: 1)
    /// The command line or the configuration is wrong.
    public static let usage = ExitStatus(rawValue: 2)
}
