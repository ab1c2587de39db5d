import Basics

/// What packages are selected for: a CPython on a platform.
public struct Target: Hashable, Sendable {
    public let major: Int
    public let minor: Int
    /// Nil: any patch release.
    public let patch: Int?
    public let platform: TargetPlatform

    /// - Parameter python: `3.11` or `3.11.4`; nil for anything else.
    public init?(python: String, platform: TargetPlatform) {
        let parts = python.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.utf8.count <= 3 && part.utf8.allSatisfy(\.isASCIIDigit) ? Int(part) : nil
        }
        guard numbers.count == parts.count, (2...3).contains(numbers.count), (2...3).contains(numbers[0]) else {
            return nil
        }
        (major, minor, patch) = (numbers[0], numbers[1], numbers.count == 3 ? numbers[2] : nil)
        self.platform = platform
    }

    init(major: Int, minor: Int, patch: Int?, platform: TargetPlatform) {
        (self.major, self.minor, self.patch, self.platform) = (major, minor, patch, platform)
    }

    /// `3.11`
    public var python: String { "\(major).\(minor)" }

    /// `3.11.4`; without a patch release the first, as clients take it that are told a version only.
    public var fullPython: String { "\(major).\(minor).\(patch ?? 0)" }

    /// This target for its first and for a late patch release, if none is given: what either may take is wanted.
    public var patchVariants: [Target] {
        if patch != nil { return [self] }
        return [0, 99].map { Target(major: major, minor: minor, patch: $0, platform: platform) }
    }
}

extension Target: CustomStringConvertible {
    /// `3.11 on win_amd64`
    public var description: String { "\(python) on \(platform)" }
}
