import Basics

/// A URL taken apart (RFC 3986, 3), to resolve the references of a page.
struct URLReference {
    var scheme: String?
    var authority: String?
    var path: String
    var query: String?
    var fragment: String?

    init(_ text: some StringProtocol) {
        var rest = Substring(text)
        func cut(_ mark: Character) -> String? {
            guard let place = rest.firstIndex(of: mark) else { return nil }
            defer { rest = rest[..<place] }
            return String(rest[rest.index(after: place)...])
        }
        fragment = cut("#")
        query = cut("?")
        if let colon = rest.firstIndex(of: ":"), URLReference.isScheme(rest[..<colon]) {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        path = String(rest)
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first.isASCIILetter else { return false }
        return text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2b || $0 == 0x2d || $0 == 0x2e }
    }

    /// This reference as seen from a document (RFC 3986, 5.2.2).
    func resolved(against base: URLReference) -> URLReference {
        if scheme != nil { return self }
        var result = self
        result.scheme = base.scheme
        if authority != nil { return result }
        result.authority = base.authority
        if path.isEmpty {
            result.path = base.path
            if query == nil { result.query = base.query }
        } else {
            var merged = path
            if !path.hasPrefix("/") {
                let folder = base.path.lastIndex(of: "/").map { base.path[...$0] } ?? (base.authority == nil ? "" : "/")
                merged = folder + path
            }
            result.path = URLReference.withoutDots(merged)
        }
        return result
    }

    /// RFC 3986, 5.2.4.
    private static func withoutDots(_ path: String) -> String {
        var result: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            if segment == "." || segment == ".." {
                if segment == "..", result.count > 1 { result.removeLast() }
                if isLast { result.append("") }
            } else {
                result.append(segment)
            }
        }
        return result.joined(separator: "/")
    }

    /// The last segment of the path, percent-decoded; a slash at its end does not count.
    var filename: String {
        let decoded = URLReference.decoded(path)
        let end = decoded.lastIndex { $0 != "/" }.map { decoded.index(after: $0) } ?? decoded.startIndex
        let trimmed = decoded[..<end]
        return String(trimmed.lastIndex(of: "/").map { trimmed[trimmed.index(after: $0)...] } ?? trimmed)
    }

    static func decoded(_ text: String) -> String {
        guard text.utf8.contains(0x25) else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25, index + 2 < bytes.count, let high = Hex.value(bytes[index + 1]),
                let low = Hex.value(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Without the fragment, fit for a request: what may not stand in a URL is percent-encoded, what is encoded stays so.
    var requestText: String {
        var text = ""
        if let scheme { text += scheme + ":" }
        if let authority { text += "//" + authority }
        text += URLReference.encoded(path)
        if let query { text += "?" + URLReference.encoded(query) }
        return text
    }

    private static func encoded(_ text: String) -> String {
        func isAllowed(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f && !"\"<>\\^`{|}".utf8.contains(byte) }
        if text.utf8.allSatisfy(isAllowed) { return text }
        var result: [UInt8] = []
        for byte in text.utf8 {
            if isAllowed(byte) {
                result.append(byte)
            } else {
                result.append(contentsOf: "%\(Hex.string([byte]).uppercased())".utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
