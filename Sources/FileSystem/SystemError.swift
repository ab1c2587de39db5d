import Basics
import Glibc

/// The cause below an error that came from the system: its errno.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value of errno, as `ENOENT`.
    public let number: Int32

    public init(_ number: Int32) { self.number = number }

    /// What the C library says about the number: `No such file or directory`.
    public var description: String { String(cString: strerror(number)) }
}

extension ChantalError {
    /// The errno below this error, nil if it did not come from a system call.
    public var systemNumber: Int32? {
        (cause as? SystemError)?.number ?? (cause as? ChantalError)?.systemNumber
    }

    /// The error for a failed system call.
    /// - Parameters:
    ///   - number: errno.
    ///   - action: what was tried, as in "cannot `create` 'x'".
    ///   - path: the file concerned.
    public static func system(_ number: Int32, _ action: String, path: String) -> ChantalError {
        let (code, hint) = meaning(of: number)
        return ChantalError(code, "cannot \(action) '\(path)'", hint: hint, path: path, cause: SystemError(number))
    }

    private static func meaning(of number: Int32) -> (code: Code, hint: String?) {
        switch number {
        case ENOSPC: (.noSpace, "free some space on this filesystem (`chantal gc` removes what nothing needs)")
        case EDQUOT: (.noSpace, "the disk quota of this user is used up: raise it or free some space")
        case EROFS:
            (.permission, "the filesystem is mounted read-only: remount it read-write, and look for disk errors")
        case EACCES, EPERM: (.permission, "look at the owner and the mode of the file and of the directories above it")
        case ENOENT: (.notFound, nil)
        case ENOTDIR: (.notFound, "a part of the path is a file where a directory is needed")
        case EEXIST, ENOTEMPTY: (.exists, nil)
        case EISDIR: (.io, "a directory is there where a file is needed")
        case ENAMETOOLONG: (.io, "the name is longer than this filesystem takes (255 bytes as a rule)")
        case EIO: (.io, "the disk reports an error: look at the kernel's log (dmesg) before anything else")
        case EMFILE, ENFILE: (.io, "too many open files: raise the limit (ulimit -n)")
        case EXDEV: (.io, "both files must be on one filesystem")
        case EMLINK: (.io, "the file has as many hard links as this filesystem takes")
        case EFBIG: (.io, "the file is larger than this filesystem or the limit (ulimit -f) takes")
        case ELOOP: (.io, "a symbolic link is there where none may be")
        case ESTALE: (.io, "the network filesystem lost this file: mount it again")
        default: (.io, nil)
        }
    }
}
