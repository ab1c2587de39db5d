import Basics

/// What may be a name in a store.
public enum StoreNames {
    /// `[a-z0-9][a-z0-9._-]{0,63}`
    public static func isRepository(_ name: some StringProtocol) -> Bool {
        has(name, 64) {
            isLower($0) || $0.isASCIIDigit
        } rest: {
            isLower($0) || $0.isASCIIDigit || isMark($0)
        }
    }

    /// `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, not all digits (those are generations).
    public static func isSnapshot(_ name: some StringProtocol) -> Bool {
        has(name, 64) {
            $0.isASCIILetter || $0.isASCIIDigit
        } rest: {
            $0.isASCIILetter || $0.isASCIIDigit || isMark($0)
        } && !name.utf8.allSatisfy(\.isASCIIDigit)
    }

    /// Segments that could be repositories, joined by `/`; 16 at most.
    public static func isPublication(_ name: some StringProtocol) -> Bool {
        let segments = name.split(separator: "/", omittingEmptySubsequences: false)
        return segments.count <= 16 && segments.allSatisfy { isRepository($0) }
    }

    static func isPartialKey(_ key: String) -> Bool {
        has(key, 200) {
            $0.isASCIILetter || $0.isASCIIDigit
        } rest: {
            $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2d
        }
    }

    /// - Throws: ``ChantalError`` `usage` for what is no repository's name.
    public static func checkRepository(_ name: String) throws {
        if isRepository(name) { return }
        throw ChantalError(
            .usage, "'\(shown(name))' is no name for a repository",
            hint: "up to 64 lower-case letters, digits, '.', '_' and '-', the first a letter or digit")
    }

    /// - Throws: ``ChantalError`` `usage` for what is no snapshot's name.
    public static func checkSnapshot(_ name: String) throws {
        if isSnapshot(name) { return }
        throw ChantalError(
            .usage, "'\(shown(name))' is no name for a snapshot",
            hint: "up to 64 letters, digits, '.', '_' and '-', the first a letter or digit, not all of them digits")
    }

    /// - Throws: ``ChantalError`` `usage` for what is no publication's name.
    public static func checkPublication(_ name: String) throws {
        if isPublication(name) { return }
        throw ChantalError(
            .usage, "'\(shown(name))' is no name for a publication",
            hint: "names as of repositories (lower-case letters, digits, '.', '_' and '-'), joined by '/'")
    }

    private static func shown(_ name: String) -> String {
        RepositoryPath(trusted: Array(name.utf8.prefix(200))).description
    }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    private static func isMark(_ byte: UInt8) -> Bool { byte == 0x2e || byte == 0x5f || byte == 0x2d }

    private static func has(
        _ name: some StringProtocol, _ limit: Int, first: (UInt8) -> Bool, rest: (UInt8) -> Bool
    ) -> Bool {
        guard let head = name.utf8.first, name.utf8.count <= limit else { return false }
        return first(head) && name.utf8.dropFirst().allSatisfy(rest)
    }
}
