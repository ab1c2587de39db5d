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

    /// - Throws: ``ChantalError`` `usage` if there is no word, or more than anyone types.
    init(_ texts: [String]) throws {
        // NUL would end the index's query.
        words = texts.flatMap { $0.utf8.split { $0.isASCIISpace || $0 == 0 } }.map { bytes in
            let folded = bytes.map(\.asciiLowercased)
            let letters = folded.filter(SearchQuery.isLetter)
            return Word(folded: folded, isPlain: letters.count == folded.count, hasLetters: !letters.isEmpty)
        }
        if words.isEmpty {
            throw ChantalError(.usage, "no word to search for", hint: "say what to look for: `chantal search nginx`")
        }
        if words.count > 32 || words.contains(where: { $0.folded.count > 256 }) {
            throw ChantalError(.usage, "too much to search for", hint: "at most 32 words of 256 bytes")
        }
    }

    /// The beginning that names are looked up by: the only word.
    var prefix: String? {
        words.count == 1 ? String(decoding: words[0].folded, as: UTF8.self) : nil
    }

    /// The query in FTS5's syntax (https://sqlite.org/fts5.html#full_text_query_syntax); nil if the index can find none of the words.
    ///
    /// A single letter stands for itself: as a beginning it would mean most of the index.
    var expression: String? {
        let parts = words.filter(\.hasLetters).map { word -> String in
            let quoted = String(decoding: word.folded.flatMap { $0 == 0x22 ? [$0, $0] : [$0] }, as: UTF8.self)
            let end = word.folded.reversed().prefix(while: SearchQuery.isLetter)
            return "\"\(quoted)\"" + (end.count > 1 ? "*" : "")
        }
        return parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    // What the index takes for a part of a word; it knows better about what is not ASCII.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80
    }

    /// Whether a text must be looked at: the index does not see `+` and `-`, it takes `c++` for `c`.
    var needsLook: Bool { words.contains { !$0.isPlain } }

    /// Whether one of the texts holds each word that the index cannot vouch for.
    func isIn(_ texts: UnsafeRawBufferPointer...) -> Bool {
        words.allSatisfy { word in word.isPlain || texts.contains { SearchQuery.holds($0, word.folded) } }
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
