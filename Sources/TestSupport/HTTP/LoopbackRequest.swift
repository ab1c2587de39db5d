import Basics

/// A request that a ``LoopbackServer`` got, with the status that it answered.
public struct LoopbackRequest: Sendable {
    public let method: String
    /// The request target as it came over the wire.
    public let target: String
    /// `scheme://host:port` of an absolute-form target, which a proxy gets.
    public let origin: String?
    /// The path, percent-decoded.
    public let path: String
    public let query: String
    public internal(set) var fields: HTTPFields
    /// Counts the server's connections from 1: two requests with one number shared it.
    public let connection: Int
    /// ``monotonicSeconds()`` when it came.
    public let at: Double
    /// 0 until the answer has begun.
    public internal(set) var status = 0
    /// Bytes of the body that were written to the socket.
    public internal(set) var bodyBytes = 0

    public subscript(name: String) -> String? { fields[name] }

    /// Reads a request head without its final empty line; nil if it is none.
    init?(head: [UInt8], connection: Int) {
        let lines = String(decoding: head, as: UTF8.self).replacing("\r\n", with: "\n").split(separator: "\n")
        guard let first = lines.first else { return nil }
        let words = first.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else { return nil }
        var fields: HTTPFields = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append(String(line[..<colon]), String(value))
        }
        method = String(words[0])
        target = String(words[1])
        self.fields = fields
        self.connection = connection
        at = monotonicSeconds()
        var rest = words[1]
        if method != "CONNECT", !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            let slash = rest[scheme.upperBound...].firstIndex(of: "/") ?? rest.endIndex
            origin = String(rest[..<slash])
            rest = rest[slash...]
        } else {
            origin = nil
        }
        let question = rest.firstIndex(of: "?") ?? rest.endIndex
        query = String(rest[question...].dropFirst())
        path = LoopbackRequest.decoded(rest[..<question])
    }

    private static func decoded(_ text: Substring) -> String {
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
}
