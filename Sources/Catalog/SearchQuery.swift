import Basics

/// The words of a search, ready for the index and for looking at a text itself.
struct SearchQuery {
    private struct Word {
        /// ASCII letters in lower case.
        var folded: [UInt8]
        /// Whether the index sees it as one word: then what the index finds holds it.
        var isPlain: Bool
        /// Whether the index can find it at all.
        var hasLetters: Bool
    }

    private let words: [Word]
    /// Words that begin with a slash: beginnings of paths.
    private let paths: [[UInt8]]

    /// - Throws: ``ChantalError`` `usage` if there is no word, or more than anyone types.
    init(_ texts: [String]) throws {
        // NUL would end the index's query.
        let all = texts.flatMap { $0.utf8.split { $0.isASCIISpace || $0 == 0 } }.map { $0.map(\.asciiLowercased) }
        paths = all.filter { $0.first == UInt8(ascii: "/") && $0.contains(where: SearchQuery.isLetter) }
        words = all.filter { !($0.first == UInt8(ascii: "/") && $0.contains(where: SearchQuery.isLetter)) }.map {
            folded in
            let letters = folded.filter(SearchQuery.isLetter)
            return Word(folded: folded, isPlain: letters.count == folded.count, hasLetters: !letters.isEmpty)
        }
        if all.isEmpty {
            throw ChantalError(.usage, "no word to search for", hint: "say what to look for: `chantal search nginx`")
        }
        if all.count > 32 || all.contains(where: { $0.count > 256 }) {
            throw ChantalError(.usage, "too much to search for", hint: "at most 32 words of 256 bytes")
        }
    }

    /// The beginning that names are looked up by: the only word.
    var prefix: String? {
        words.count == 1 && paths.isEmpty ? String(decoding: words[0].folded, as: UTF8.self) : nil
    }

    /// The query for names alone; nil if they cannot hold all that is asked for.
    var nameExpression: String? { paths.isEmpty ? wordExpression.map { "name : (\($0))" } : nil }

    /// The query in FTS5's syntax (https://sqlite.org/fts5.html#full_text_query_syntax); nil if the index can find none of the words.
    var expression: String? {
        let parts =
            [wordExpression.map { "{name summary provides} : (\($0))" }] + paths.map(SearchQuery.expression(ofPath:))
        let known = parts.compactMap { $0 }
        return known.isEmpty ? nil : known.joined(separator: " AND ")
    }

    /// A single letter stands for itself: as a beginning it would mean most of the index.
    private var wordExpression: String? {
        let parts = words.filter(\.hasLetters).map { SearchQuery.phrase($0.folded, isWhole: false) }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// The last part of a path that has letters: `usr` and `bin` would mean most of the index.
    private static func expression(ofPath path: [UInt8]) -> String? {
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let last = parts.lastIndex(where: { $0.contains(where: isLetter) }) else { return nil }
        return "files : (\(phrase(Array(parts[last]), isWhole: last < parts.count - 1)))"
    }

    private static func phrase(_ word: [UInt8], isWhole: Bool) -> String {
        let quoted = String(decoding: word.flatMap { $0 == 0x22 ? [$0, $0] : [$0] }, as: UTF8.self)
        let end = word.reversed().prefix(while: SearchQuery.isLetter)
        return "\"\(quoted)\"" + (end.count > 1 && !isWhole ? "*" : "")
    }

    // What the index takes for a part of a word; it knows better about what is not ASCII.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80
    }

    /// Whether a text must be looked at: the index does not see `+` and `-`, it takes `c++` for `c`.
    var needsLook: Bool { !paths.isEmpty || words.contains { !$0.isPlain } }

    /// Whether a name holds each word that the index cannot vouch for.
    func isIn(name: UnsafeRawBufferPointer) -> Bool {
        words.allSatisfy { $0.isPlain || SearchQuery.holds(name, $0.folded) }
    }

    /// Whether one of the texts holds each word that the index cannot vouch for, and one of the files (a line each) each path.
    func isIn(_ texts: [UnsafeRawBufferPointer], files: @autoclosure () -> UnsafeRawBufferPointer) -> Bool {
        guard words.allSatisfy({ word in word.isPlain || texts.contains { SearchQuery.holds($0, word.folded) } }) else {
            return false
        }
        if paths.isEmpty { return true }
        let files = files()
        return paths.allSatisfy { SearchQuery.hasLine(files, $0) }
    }

    /// Whether a line begins with a path.
    private static func hasLine(_ text: UnsafeRawBufferPointer, _ path: [UInt8]) -> Bool {
        var start = 0
        while start + path.count <= text.count {
            if path.indices.allSatisfy({ text[start + $0].asciiLowercased == path[$0] }) { return true }
            guard let end = text.firstIndex(of: 0x0a, from: start) else { return false }
            start = end + 1
        }
        return false
    }

    private static func holds(_ text: UnsafeRawBufferPointer, _ word: [UInt8]) -> Bool {
        if text.count < word.count { return false }
        for start in 0...(text.count - word.count) {
            var index = 0
            while index < word.count, text[start + index].asciiLowercased == word[index] { index += 1 }
            if index == word.count { return true }
        }
        return false
    }
}
