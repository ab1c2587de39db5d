import Basics

/// How repositories, snapshots and publications may be called.
public enum NameRules {
    /// `[a-z0-9][a-z0-9._-]{0,63}`; views too.
    public static func isRepository(_ name: some StringProtocol) -> Bool {
        matches(name, first: { isLowerOrDigit($0) }, rest: { isLowerOrDigit($0) || isMark($0) })
    }

    /// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, not all digits.
    public static func isSnapshot(_ name: some StringProtocol) -> Bool {
        matches(
            name, first: { $0.isASCIILetter || $0.isASCIIDigit },
            rest: { $0.isASCIILetter || $0.isASCIIDigit || isMark($0) })
            && !name.utf8.allSatisfy(\.isASCIIDigit)
    }

    /// Repository-shaped segments joined by `/`.
    public static func isPublication(_ name: some StringProtocol) -> Bool {
        name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isRepository($0) }
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool { byte.isASCIIDigit || (0x61...0x7a).contains(byte) }
    private static func isMark(_ byte: UInt8) -> Bool { byte == 0x2e || byte == 0x5f || byte == 0x2d }

    private static func matches(
        _ name: some StringProtocol, first: (UInt8) -> Bool, rest: (UInt8) -> Bool
    ) -> Bool {
        guard let start = name.utf8.first, name.utf8.count <= 64 else { return false }
        return first(start) && name.utf8.dropFirst().allSatisfy(rest)
    }
}
