import Basics

/// Words that become parts of paths and of Release files.
enum ArchiveToken {
    /// Letters, digits, `.`, `+`, `-`, `_` and `~`; not beginning with a dot or hyphen.
    private static func isWord(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetter || first.isASCIIDigit, text.utf8.count <= 100 else {
            return false
        }
        return text.utf8.allSatisfy {
            $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2e || $0 == 0x2b || $0 == 0x2d || $0 == 0x5f || $0 == 0x7e
        }
    }

    static func isArchitecture(_ text: String) -> Bool { isWord(text) }

    /// Words joined by `/`.
    static func isComponent(_ text: String) -> Bool {
        !text.isEmpty && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isWord)
    }

    /// - Throws: ``ChantalError`` `malformed` naming the word and the file it comes from.
    static func check(component: String, file: String) throws {
        if isComponent(component) { return }
        throw ChantalError(
            .malformed, "the component '\(component)' in \(file) is refused: it is no plain word", path: file)
    }

    /// - Throws: ``ChantalError`` `malformed` naming the word and the file it comes from.
    static func check(architecture: String, file: String) throws {
        if isArchitecture(architecture) { return }
        throw ChantalError(
            .malformed, "the architecture '\(architecture)' in \(file) is refused: it is no plain word", path: file)
    }
}
