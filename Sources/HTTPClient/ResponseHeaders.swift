public import Basics
internal import CCurl

/// The header fields of a response, kept as they came.
public struct ResponseHeaders: Sendable {
    private var bytes: [UInt8] = []

    /// Enough for any honest server.
    static let limit = 128 << 10

    /// None.
    public init() {}

    /// A block of lines, for responses that no server gave.
    init(_ lines: [String]) {
        for line in lines { bytes.append(contentsOf: Array((line + "\r\n").utf8)) }
    }

    var count: Int { bytes.count }

    mutating func append(_ line: UnsafeRawBufferPointer) { bytes.append(contentsOf: line) }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// The value of the first field of a name, letters of either case; nil if there is none.
    public subscript(name: StaticString) -> String? { withValue(name) { $0.text } }

    /// Bytes of the body, as declared.
    public var contentLength: Int64? { withValue("Content-Length") { $0.decimal } ?? nil }

    /// Seconds until the server wants to be asked again (RFC 9110, 10.2.3): a number, or a date counted from the server's own
    /// clock if it tells its time.
    public func retryAfter(now: Timestamp) -> Int64? {
        guard let value = withValue("Retry-After", { ($0.decimal, $0.text) }) else { return nil }
        if let seconds = value.0 { return seconds }
        guard let moment = ResponseHeaders.seconds(ofDate: value.1) else { return nil }
        let from = self["Date"].flatMap { ResponseHeaders.seconds(ofDate: $0) } ?? now.seconds
        return max(0, moment - from)
    }

    /// An HTTP date in any of its three forms (curl_getdate(3)).
    static func seconds(ofDate text: String) -> Int64? {
        let time = curl_getdate(text, nil)
        return time < 0 ? nil : Int64(time)
    }

    func withValue<R>(_ name: StaticString, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        bytes.withUnsafeBytes { all in
            var start = 0
            while start < all.count {
                let end = all.firstIndex(of: 0x0a, from: start) ?? all.count
                let line = all.slice(start..<end)
                if let colon = line.firstIndex(of: 0x3a, from: 0),
                    line.slice(0..<colon).equalsIgnoringCase(name)
                {
                    return body(line.slice((colon + 1)..<line.count).trimmed)
                }
                start = end + 1
            }
            return nil
        }
    }
}
