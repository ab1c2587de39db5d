import Basics
import YAML

/// Where something is fetched from. Its user part is kept apart; what is shown is ``description``.
public struct UpstreamURL: Sendable, CustomStringConvertible, CustomReflectable {
    /// Without user and password.
    public let text: String
    /// Percent-decoded.
    public let user: String?
    public let password: Secret?

    /// For people: secrets in the query are left out as well.
    public var description: String { Redaction.url(text) }
    public var customMirror: Mirror { Mirror(self, children: ["text": description]) }

    /// Nil if it is no absolute URL of one of the schemes with a plain host and port, or holds spaces or control characters.
    public init?(_ text: String, schemes: [String]) {
        guard let mark = text.range(of: "://"), !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
            return nil
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        let rest = text[mark.upperBound...]
        let end = rest.firstIndex(where: { "/?#\\".contains($0) }) ?? rest.endIndex
        let authority = rest[..<end]
        let at = authority.lastIndex(of: "@")
        let host = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard schemes.contains(scheme), UpstreamURL.isHost(host, of: scheme) else { return nil }
        self.text = String(text[..<mark.upperBound]) + host + rest[end...]
        guard let at else {
            user = nil
            password = nil
            return
        }
        let parts = authority[..<at].utf8.split(
            separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = UpstreamURL.decoded(parts[0]) else { return nil }
        self.user = user
        guard parts.count == 2 else {
            password = nil
            return
        }
        guard let password = UpstreamURL.decoded(parts[1]) else { return nil }
        self.password = Secret(password)
    }

    /// A name or address with or without a port. Anything else may be the rest of a password with a `/` in it.
    private static func isHost(_ text: Substring, of scheme: String) -> Bool {
        if scheme == "file" { return text.isEmpty || text == "localhost" }
        var name = text.utf8
        if let close = name.lastIndex(of: UInt8(ascii: "]")) {
            guard name.first == UInt8(ascii: "["),
                name[..<close].dropFirst().allSatisfy({ Hex.value($0) != nil || $0 == 0x3a || $0 == 0x2e })
            else { return false }
            name = name[name.index(after: close)...]
            return name.isEmpty || name.first == UInt8(ascii: ":") && isPort(name.dropFirst())
        }
        if let colon = name.firstIndex(of: UInt8(ascii: ":")) {
            guard isPort(name[name.index(after: colon)...]) else { return false }
            name = name[..<colon]
        }
        return !name.isEmpty
            && name.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "-._".utf8.contains($0) || $0 >= 0x80 }
    }

    private static func isPort(_ digits: Substring.UTF8View) -> Bool {
        !digits.isEmpty && digits.allSatisfy(\.isASCIIDigit) && (Int(Substring(digits)) ?? 0) <= 65_535
    }

    private static func decoded(_ bytes: some Collection<UInt8>) -> String? {
        var result: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.value), let low = rest.popFirst().flatMap(Hex.value) else {
                return nil
            }
            result.append(high << 4 | low)
        }
        if result.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return nil }
        return String(validating: result, as: UTF8.self)
    }
}

extension ValueKind where Value == UpstreamURL {
    /// An absolute URL: http, https or file unless told otherwise.
    public static func url(_ schemes: [String] = ["http", "https", "file"]) -> ValueKind {
        let expected = "a URL (\(schemes.joined(separator: ", ")))"
        return ValueKind(
            typeName: "URL",
            schema: .object([
                "type": .text("string"), "pattern": .text("^((\(schemes.joined(separator: "|")))://|.*\\$\\{)"),
            ]),
            parse: { node, context in
                let text = try context.text(node, expected: expected)
                guard let url = UpstreamURL(text, schemes: schemes) else {
                    // A URL that cannot be read cannot be redacted either.
                    throw context.error(node, "the value is not \(expected)")
                }
                return url
            },
            show: { .text($0.description) })
    }
}

/// The way to the outside.
public enum ProxySetting: Sendable {
    /// As `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
    case environment
    case none
    case url(UpstreamURL)
}

extension ValueKind where Value == ProxySetting {
    /// A proxy's URL, `none`, or `environment`.
    public static var proxy: ValueKind {
        let url = ValueKind<UpstreamURL>.url(["http", "https", "socks4", "socks4a", "socks5", "socks5h"])
        return ValueKind(
            typeName: "URL, `none` or `environment`",
            schema: .object([
                "anyOf": .list([.object(["enum": .list([.text("none"), .text("environment")])]), url.schema])
            ]),
            parse: { node, context in
                switch node.text {
                case "none": .none
                case "environment": .environment
                default: .url(try url.parse(node, context))
                }
            },
            show: { value in
                switch value {
                case .none: .text("none")
                case .environment: .text("environment")
                case .url(let proxy): .text(proxy.description)
                }
            })
    }
}
