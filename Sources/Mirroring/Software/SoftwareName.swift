/// A piece of software, and which part of it a package holds, as far as the package's name tells.
public struct SoftwareName: Sendable, Hashable {
    public enum Part: String, Sendable, CaseIterable {
        /// What is run, or whatever a name without further signs stands for.
        case program
        /// A module for Python.
        case python
        /// A library that programs load.
        case library
        /// What is needed to build against a library.
        case development
    }

    /// In lower case, without what tells the part: `curl`, `requests`, `xml2`.
    public var stem: String
    public var part: Part

    public init(_ stem: String, _ part: Part) {
        self.stem = stem
        self.part = part
    }
}

extension StringProtocol {
    /// What follows a beginning; nil if it does not begin so, or nothing follows.
    public func rest(after prefix: String) -> String? {
        hasPrefix(prefix) && utf8.count > prefix.utf8.count ? String(dropFirst(prefix.count)) : nil
    }

    /// What comes before an ending; nil if it does not end so, or nothing comes before.
    public func rest(before suffix: String) -> String? {
        hasSuffix(suffix) && utf8.count > suffix.utf8.count ? String(dropLast(suffix.count)) : nil
    }
}
