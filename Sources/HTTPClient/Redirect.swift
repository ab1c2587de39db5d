internal import Basics

/// Where a redirect may lead (RFC 9110, 15.4; CVE-2019-3462).
enum Redirect {
    static let limit = 10

    /// - Parameter visited: URLs asked so far, the one that redirects included.
    /// - Throws: ``ChantalError`` `network` with the reason why it is not followed.
    static func target(
        of headers: ResponseHeaders, from url: WebURL, visited: [String]
    ) throws(ChantalError) -> WebURL {
        func refused(_ reason: String) -> ChantalError {
            ChantalError(.network, "the redirect from \(url.text) is refused: \(reason)", url: url.text)
        }
        guard let location = headers["Location"], !location.isEmpty else { throw refused("it has no Location") }
        if holdsControlCharacter(Array(location.utf8)) { throw refused("its Location holds a control character") }
        let target: WebURL
        do { target = try WebURL(location, relativeTo: url) } catch { throw refused("its Location is no URL") }
        guard target.scheme == "http" || target.scheme == "https" else {
            throw refused("it leads to '\(target.scheme)'")
        }
        if url.scheme == "https", target.scheme == "http" { throw refused("it leads from https to http") }
        if visited.contains(target.text) { throw refused("it leads in a circle, to \(target.text)") }
        if visited.count > limit { throw refused("there were \(limit) before it") }
        return target
    }

    /// Raw, or after percent-decoding.
    private static func holdsControlCharacter(_ bytes: [UInt8]) -> Bool {
        for index in bytes.indices {
            var byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Hex.value(bytes[index + 1]), let low = Hex.value(bytes[index + 2])
            {
                byte = high << 4 | low
            }
            if byte < 0x20 || byte == 0x7f { return true }
        }
        return false
    }
}
