import Basics
import CommandLineKit
import Mirroring

extension ExitStatus {
    /// `verify` found damage, or a bundle is refused.
    public static let damaged = ExitStatus(rawValue: 3)
    /// Another process holds the lock, and nothing else failed (EX_TEMPFAIL, sysexits.h(3head)).
    public static let locked = ExitStatus(rawValue: 75)

    /// The status of a command that an error ended.
    ///
    /// - Parameter signal: the signal that asked to stop, if one did.
    init(_ error: ChantalError, signal: Int32?) {
        switch error.code {
        case .usage, .config: self = .usage
        case .locked: self = .locked
        case .refused: self = .damaged
        case .interrupted: self.init(rawValue: 128 + (signal ?? 2))
        default: self = .failed
        }
    }
}
