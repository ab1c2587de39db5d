/// Keeps secrets out of what is shown.
public enum Redaction {
    /// The URL without the user part of its authority (`https://user:pw@host/x` is `https://host/x`).
    public static func url(_ url: String) -> String {
        guard let scheme = url.range(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) ?? rest.endIndex
        guard let at = rest[..<end].lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}

extension String {
    /// The first place of another string, without Foundation.
    public func range(of needle: String) -> Range<String.Index>? {
        let hay = utf8
        let wanted = Array(needle.utf8)
        guard !wanted.isEmpty else { return nil }
        var start = hay.startIndex
        while start != hay.endIndex {
            var at = start
            var matched = 0
            while matched < wanted.count, at != hay.endIndex, hay[at] == wanted[matched] {
                at = hay.index(after: at)
                matched += 1
            }
            if matched == wanted.count { return start..<at }
            start = hay.index(after: start)
        }
        return nil
    }
}
