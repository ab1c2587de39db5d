import Basics

/// The words of a search, ready for the index and for looking at a text itself.
struct SearchQuery {
    struct Word {
        /// ASCII letters in lower case.
        var folded: [UInt8]
        var pair: WordPair
        /// Whether a word of a text has to begin, or to end, where this does.
        var beginsWord, endsWord: Bool
        /// Whether the index is asked for it; it cannot find one without letters.
        var isAsked: Bool
        /// Whether what the index finds holds it: the index does not see `+` and `-`, it takes `c++` for `c`.
        var isCertain: Bool
    }

    /// All but paths.
    let words: [Word]
    private let uncertain: [Word]
    /// Of the longest word; nil if a name never holds all.
    let rarest: WordPair?
    /// Words that begin with a slash: beginnings of paths.
    private let paths: [[UInt8]]

    /// - Throws: ``ChantalError`` `usage` if there is no word, or more than anyone types.
    init(_ texts: [String]) throws {
        // NUL would end the index's query.
        let all = texts.flatMap { $0.utf8.split { $0.isASCIISpace || $0 == 0 } }.map { $0.map(\.asciiLowercased) }
        paths = all.filter(SearchQuery.isPath)
        let folded = all.filter { !SearchQuery.isPath($0) }
        let isOtherAsked =
            !paths.isEmpty
            || folded.contains { $0.contains(where: SearchQuery.isLetter) && !SearchQuery.isFrequent($0) }
        words = folded.map { folded in
            let isAsked =
                folded.contains(where: SearchQuery.isLetter) && !(isOtherAsked && SearchQuery.isFrequent(folded))
            return Word(
                folded: folded, pair: WordPair(folded), beginsWord: folded.first.map(SearchQuery.isASCIIWord) ?? false,
                endsWord: !SearchQuery.hasOpenEnd(folded) && folded.last.map(SearchQuery.isASCIIWord) ?? false,
                isAsked: isAsked, isCertain: isAsked && folded.allSatisfy(SearchQuery.isLetter))
        }
        uncertain = words.filter { !$0.isCertain }
        let longest = paths.isEmpty ? folded.max { $0.count < $1.count } : nil
        rarest = longest.map { WordPair($0) }
        if all.isEmpty {
            throw ChantalError(.usage, "no word to search for", hint: "say what to look for: `chantal search nginx`")
        }
        if all.count > 32 || all.contains(where: { $0.count > 256 }) {
            throw ChantalError(.usage, "too much to search for", hint: "at most 32 words of 256 bytes")
        }
    }

    private static func isPath(_ word: [UInt8]) -> Bool {
        word.first == UInt8(ascii: "/") && word.contains(where: isLetter)
    }

    /// More words of an archive begin so than with any three letters else: what the others find is rather looked at for it than
    /// the lists of all of them put together.
    private static func isFrequent(_ word: [UInt8]) -> Bool { word.count > 1 && "lib".utf8.starts(with: word) }

    // MARK: Names

    /// The beginning that names are looked up by: the only word.
    var beginning: String? {
        words.count == 1 && paths.isEmpty ? String(decoding: words[0].folded, as: UTF8.self) : nil
    }

    enum Place {
        /// It begins with the ``beginning``; it holds all words; it does not.
        case begins, holds, lacks
    }

    /// What a name has of what is asked for.
    func place(ofName name: UnsafeRawBufferPointer) -> Place {
        if !paths.isEmpty { return .lacks }
        if words.count == 1, SearchQuery.has(name, words[0].folded, at: 0) { return .begins }
        return words.allSatisfy { SearchQuery.holds(name, $0) } ? .holds : .lacks
    }

    /// What the name that a list gave last has of it, where the list was looked through for ``rarest``.
    @inline(__always)
    func place(ofNameIn list: borrowing NameListReader) -> Place {
        list.mayHold ? place(ofName: list.name) : .lacks
    }

    // MARK: The index

    /// The query in FTS5's syntax (https://sqlite.org/fts5.html#full_text_query_syntax); nil if the index can find none of the words.
    var expression: String? {
        let parts = words.filter(\.isAsked).map { SearchQuery.phrase($0.folded, isWhole: false) }
        let all =
            (parts.isEmpty ? [] : ["{name summary provides} : (\(parts.joined(separator: " ")))"])
            + paths.compactMap(SearchQuery.expression(ofPath:))
        return all.isEmpty ? nil : all.joined(separator: " AND ")
    }

    /// The last part of a path that has letters: `usr` and `bin` would mean most of the index.
    private static func expression(ofPath path: [UInt8]) -> String? {
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let last = parts.lastIndex(where: { $0.contains(where: isLetter) }) else { return nil }
        return "files : (\(phrase(Array(parts[last]), isWhole: last < parts.count - 1)))"
    }

    /// A single letter stands for itself: as a beginning it would mean most of the index.
    private static func phrase(_ word: [UInt8], isWhole: Bool) -> String {
        let quoted = String(decoding: word.flatMap { $0 == 0x22 ? [$0, $0] : [$0] }, as: UTF8.self)
        return "\"\(quoted)\"" + (hasOpenEnd(word) && !isWhole ? "*" : "")
    }

    private static func hasOpenEnd(_ word: [UInt8]) -> Bool {
        word.reversed().prefix(while: isLetter).count > 1
    }

    // What the index takes for a part of a word; it knows better about what is not ASCII.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80
    }

    // MARK: Texts

    /// Whether ASCII texts alone tell what the index would find.
    var isPlain: Bool {
        paths.isEmpty && words.contains(where: \.isAsked)
            && words.allSatisfy { !$0.isAsked || $0.isCertain && $0.folded.allSatisfy { $0 < 0x80 } }
    }

    /// Whether a row's texts must be looked at.
    var needsTexts: Bool { !paths.isEmpty || !uncertain.isEmpty }

    /// Whether one of the texts holds each word that the index cannot vouch for, and one of the files (a line each) each path.
    func isIn(_ texts: @autoclosure () -> [UnsafeRawBufferPointer], files: @autoclosure () -> UnsafeRawBufferPointer)
        -> Bool
    {
        if !uncertain.isEmpty {
            let texts = texts()
            if !uncertain.allSatisfy({ word in texts.contains { SearchQuery.holds($0, word) } }) { return false }
        }
        if paths.isEmpty { return true }
        let files = files()
        return paths.allSatisfy { SearchQuery.hasLine(files, $0) }
    }

    /// Whether a line begins with a path.
    private static func hasLine(_ text: UnsafeRawBufferPointer, _ path: [UInt8]) -> Bool {
        var start = 0
        while start + path.count <= text.count {
            if has(text, path, at: start) { return true }
            guard let end = text.firstIndex(of: 0x0a, from: start) else { return false }
            start = end + 1
        }
        return false
    }

    /// Whether a text holds a word where one of its own begins: as the index sees it, and with all signs.
    static func holds(_ text: UnsafeRawBufferPointer, _ word: Word) -> Bool {
        if !word.pair.mayBe(in: text) { return false }
        return word.folded.withUnsafeBufferPointer { folded in
            guard let first = folded.first else { return true }
            var start = 0
            while start + folded.count <= text.count {
                if text[start].asciiLowercased == first, !(word.beginsWord && start > 0 && isASCIIWord(text[start - 1]))
                {
                    var index = 1
                    while index < folded.count, text[start + index].asciiLowercased == folded[index] { index += 1 }
                    let end = start + index
                    if index == folded.count, !(word.endsWord && end < text.count && isASCIIWord(text[end])) {
                        return true
                    }
                }
                start += 1
            }
            return false
        }
    }

    @inline(__always)
    private static func isASCIIWord(_ byte: UInt8) -> Bool { byte.isASCIILetter || byte.isASCIIDigit }

    @inline(__always)
    private static func has(_ text: UnsafeRawBufferPointer, _ word: [UInt8], at start: Int) -> Bool {
        if text.count - start < word.count { return false }
        for index in word.indices where text[start + index].asciiLowercased != word[index] { return false }
        return true
    }
}
