/// The one shape of every error: what happened, to which file or URL, what to do about it, and what lies below.
///
/// Messages never hold credentials: URLs come from ``Redaction`` without their user part.
public struct ChantalError: Error, Sendable {
    public var code: Code
    /// One sentence: what happened to which repository, URL or file. No full stop at the end.
    public var message: String
    /// What to do about it.
    public var hint: String?
    /// The file concerned: local, or the path within a repository.
    public var path: String?
    /// The URL concerned, without user and password.
    public var url: String?
    /// The error below this one.
    public var cause: (any Error)?

    public init(
        _ code: Code, _ message: String, hint: String? = nil, path: String? = nil, url: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.path = path
        self.url = url
        self.cause = cause
    }

    /// A stable word for programs; the exit status follows from it.
    public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }
    }
}

extension ChantalError.Code {
    /// The command line is wrong (exit status 2).
    public static let usage: Self = "usage"
    /// The configuration is wrong (exit status 2).
    public static let config: Self = "config"
    /// Another process holds a lock (exit status 75).
    public static let locked: Self = "locked"
    /// SIGINT or SIGTERM (exit status 130 or 143).
    public static let interrupted: Self = "interrupted"
    /// A thing named by the user does not exist.
    public static let notFound: Self = "not_found"
    /// A thing to be made exists already.
    public static let exists: Self = "exists"
    /// The store is damaged, or none.
    public static let store: Self = "store"
    /// A system call failed.
    public static let io: Self = "io"
    /// No space left (ENOSPC, EDQUOT, or below `min_free`).
    public static let noSpace: Self = "no_space"
    /// No permission, or the store belongs to another user.
    public static let permission: Self = "permission"
    /// A transfer failed: connection, TLS, time-out, redirect rules.
    public static let network: Self = "network"
    /// The server answered with an error status.
    public static let httpStatus: Self = "http_status"
    /// Upstream does not have a file that its metadata names (404, 410, ENOENT).
    public static let missing: Self = "missing"
    /// Bytes do not have the declared size or hash.
    public static let mismatch: Self = "mismatch"
    /// A signature is missing, bad, or by a key that is not trusted.
    public static let signature: Self = "signature"
    /// A document breaks its format.
    public static let malformed: Self = "malformed"
    /// Metadata is out of date or from the future.
    public static let expired: Self = "expired"
    /// A path would leave its root.
    public static let unsafePath: Self = "unsafe_path"
    /// A limit against decompression bombs or endless bodies was reached.
    public static let tooLarge: Self = "too_large"
    /// Held back until the user accepts it.
    public static let held: Self = "held"
    /// A defect of chantal itself.
    public static let bug: Self = "internal"
}

extension ChantalError: Equatable {
    /// Errors are equal when their codes are: tests and callers decide on the code alone.
    public static func == (a: ChantalError, b: ChantalError) -> Bool { a.code == b.code }
}

extension ChantalError: CustomStringConvertible {
    /// The message, then the causes below it, joined by `: `.
    public var description: String {
        guard let cause else { return message }
        return "\(message): \(cause)"
    }
}

extension ChantalError {
    /// The same error with a sentence of more context above it; code, path, url and hint pass through.
    public func within(_ message: String) -> ChantalError {
        ChantalError(code, message, hint: hint, path: path, url: url, cause: self)
    }

    /// Any error as one of this shape.
    public static func wrap(_ error: any Error, _ code: Code = .bug) -> ChantalError {
        (error as? ChantalError) ?? ChantalError(code, "\(error)")
    }
}
