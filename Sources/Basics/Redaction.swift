/// Keeps secrets out of what is shown.
public enum Redaction {
    /// The URL without the user part of its authority (`https://user:pw@host/x` is `https://host/x`), and without the values of query
    /// parameters that are secrets by their name (`?token=…`, the signatures of presigned URLs).
    ///
    /// What has no scheme is taken for a proxy's `user:pw@host:port` if it looks like one.
    public static func url(_ url: String) -> String {
        // Bytes, not characters: a combining mark behind an '@' makes another character of it.
        let bytes = Array(url.utf8)
        let scheme = url.range(of: "://").map { url.utf8.distance(from: url.startIndex, to: $0.upperBound) }
        let start = scheme ?? 0
        let end = bytes[start...].firstIndex { "/?#".utf8.contains($0) } ?? bytes.count
        var shown = Array(bytes[..<start])
        var rest = bytes[start...]
        if let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")) {
            if scheme != nil || bytes[start..<at].contains(UInt8(ascii: ":")) { rest = bytes[(at + 1)...] }
        }
        guard let question = rest.firstIndex(of: UInt8(ascii: "?")) else {
            return String(decoding: shown + rest, as: UTF8.self)
        }
        shown += rest[...question]
        let fragment = rest[question...].firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
        let parameters = rest[(question + 1)..<fragment].split(
            separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        shown += Array(parameters.map(redacted).joined(separator: [UInt8(ascii: "&")]))
        return String(decoding: shown + rest[fragment...], as: UTF8.self)
    }

    private static let secretParts = [
        "token", "secret", "passw", "signature", "credential", "auth", "api_key", "apikey", "accesskey", "access_key",
    ]
    private static let secretNames = ["sig", "key", "jwt", "pwd"]

    private static func redacted(_ parameter: ArraySlice<UInt8>) -> [UInt8] {
        guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")) else { return Array(parameter) }
        let name = String(decoding: parameter[..<equals].map(\.asciiLowercased), as: UTF8.self)
        guard secretNames.contains(name) || secretParts.contains(where: { name.range(of: $0) != nil }) else {
            return Array(parameter)
        }
        return Array(parameter[...equals]) + Array("…".utf8)
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
