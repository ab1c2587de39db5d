/// What a ``LoopbackServer`` does wrong, or otherwise, with a request.
public enum Fault: Sendable {
    // Another answer than the file.
    /// A status with a short text, and header fields such as `Retry-After`.
    case status(Int, HTTPFields = [])
    /// A redirect; `Location` is sent as it is, control characters and all.
    case redirect(to: String, status: Int = 302)
    /// A login page with status 200, as a captive portal sends.
    case html
    /// Other content under the same path, with an ETag and a time of its own.
    case content([UInt8])
    /// Any answer; conditions and ranges do not apply to it.
    case answer(@Sendable (LoopbackRequest) -> LoopbackResponse)
    /// 401 unless these credentials come along.
    case basicAuth(user: String, password: String)
    /// 401 unless this token comes along.
    case bearer(token: String)
    /// 407 unless these credentials come along in `Proxy-Authorization`.
    case proxyAuth(user: String, password: String)

    // The right answer, wrongly served.
    /// No `Range`: always the whole body with 200, and no `Accept-Ranges`.
    case noRange
    /// A range is answered with 206, but begins one byte later than asked, as its Content-Range says.
    case wrongContentRange
    /// A range is answered with 206 and the asked Content-Range, but the body begins at 0.
    case lyingContentRange
    /// Conditions are ignored: never 304.
    case noConditions
    /// No ETag, no Last-Modified.
    case noValidators
    /// Always 304, whatever the request says.
    case alwaysNotModified
    /// Sets a header field of the answer, or removes it.
    case field(String, String?)
    /// Waits before the answer begins.
    case delay(seconds: Double)
    /// The connection is closed without an answer.
    case noAnswer

    // Faults in the body; offsets count from the start of the whole file, lengths in what is sent.
    /// Inverts a byte.
    case flipByte(at: Int)
    /// After this many bytes of the body the connection is reset.
    case cut(after: Int)
    /// After this many bytes of the body the connection is closed in good order; Content-Length is that of the whole.
    case truncate(to: Int)
    /// Only so many bytes, and a Content-Length that agrees.
    case shorten(to: Int)
    /// Sends the body and then these bytes; Content-Length agrees.
    case lengthen(by: [UInt8])
    /// Chunked transfer coding, without a Content-Length.
    case chunked
    /// The body, then zeroes for ever, chunked.
    case endless
    /// So many bytes a second.
    case slow(bytesPerSecond: Int)
    /// After this many bytes of the body nothing comes any more, and the connection stays open.
    case stall(after: Int)

    /// 429 or 503 with `Retry-After` in seconds.
    public static func retryAfter(_ seconds: Int, status: Int = 503) -> Fault {
        .status(status, [("Retry-After", "\(seconds)")])
    }
}

/// Which requests a fault meets.
struct FaultRule: Sendable {
    let pattern: String
    var skip: Int
    var count: Int?
    let faults: [Fault]
}
