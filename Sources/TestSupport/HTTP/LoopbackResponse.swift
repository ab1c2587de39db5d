/// An answer before any fault is worked into it.
public struct LoopbackResponse: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// A whole file, read as it is sent.
        case file(path: String, size: Int)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(_, let size): size
            }
        }
    }

    public var status: Int
    public var fields: HTTPFields
    public var body: Body
    /// Whether conditions and ranges of the request apply to it.
    var isContent = false

    public init(status: Int = 200, fields: HTTPFields = [], body: Body = .bytes([])) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    public init(status: Int, text: String, type: String = "text/plain", fields: HTTPFields = []) {
        self.init(status: status, fields: fields, body: .bytes(Array(text.utf8)))
        self.fields["Content-Type"] = type
    }

    static let reasons = [
        200: "OK", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
        304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
        401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        407: "Proxy Authentication Required", 410: "Gone", 416: "Range Not Satisfiable", 429: "Too Many Requests",
        500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]
}
