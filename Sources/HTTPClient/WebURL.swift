public import Basics
internal import CCurl

/// A URL taken apart by libcurl's own parser, so that what is checked is what is asked for.
public struct WebURL: Sendable {
    /// Without user part and fragment.
    public let text: String
    /// `http`, `https`, `file`, or a proxy's scheme.
    public let scheme: String
    /// `https://host:443`, lower case; `file://` for files.
    public let origin: String
    /// Without brackets.
    public let host: String
    /// Decoded.
    public let user: String?
    public let password: String?

    /// - Throws: ``ChantalError`` `network` if the text is no absolute URL, or holds control characters or spaces.
    public init(_ text: String) throws(ChantalError) {
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) {
            throw WebURL.refused(text, "it holds a space or a control character")
        }
        try self.init(base: nil, reference: text)
    }

    /// The target of a redirect (RFC 3986, 5).
    init(_ reference: String, relativeTo base: WebURL) throws(ChantalError) {
        try self.init(base: base.text, reference: reference)
    }

    private init(base: String?, reference: String) throws(ChantalError) {
        guard let handle = curl_url() else { throw ChantalError(.network, "out of memory") }
        defer { curl_url_cleanup(handle) }
        func set(_ part: CURLUPart, _ value: String?, _ flags: UInt32) -> CURLUcode {
            curl_url_set(handle, part, value, flags)
        }
        func get(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var found: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, part, &found, UInt32(flags)) == CURLUE_OK, let found else { return nil }
            defer { curl_free(found) }
            return String(cString: found)
        }
        if let base { _ = set(CURLUPART_URL, base, UInt32(CURLU_NON_SUPPORT_SCHEME)) }
        let flags = base == nil ? CURLU_NON_SUPPORT_SCHEME : CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE
        let code = set(CURLUPART_URL, reference, UInt32(flags))
        guard code == CURLUE_OK, let scheme = get(CURLUPART_SCHEME) else {
            throw WebURL.refused(reference, String(cString: curl_url_strerror(code)))
        }
        self.scheme = scheme.lowercased()
        let host = get(CURLUPART_HOST) ?? ""
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        self.host = bare.lowercased()
        user = get(CURLUPART_USER, CURLU_URLDECODE)
        password = get(CURLUPART_PASSWORD, CURLU_URLDECODE)
        let port = get(CURLUPART_PORT, CURLU_DEFAULT_PORT)
        for part in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS, CURLUPART_FRAGMENT] {
            _ = set(part, nil, 0)
        }
        guard let text = get(CURLUPART_URL) else { throw WebURL.refused(reference, "it has no host") }
        self.text = text
        origin = self.scheme == "file" ? "file://" : "\(self.scheme)://\(host.lowercased()):\(port ?? "")"
    }

    /// The origin of a URL, as ``WebURL/origin``; nil if it is none.
    public static func origin(of text: String) -> String? { (try? WebURL(text))?.origin }

    private static func refused(_ text: String, _ reason: String) -> ChantalError {
        let clean = Redaction.url(text).unicodeScalars.prefix(300).map {
            $0.value < 0x20 || $0.value == 0x7f ? "?" : $0
        }
        let shown = String(String.UnicodeScalarView(clean))
        return ChantalError(.network, "the URL '\(shown)' is refused: \(reason)", url: shown)
    }
}
