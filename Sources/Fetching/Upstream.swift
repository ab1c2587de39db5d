public import Basics
public import HTTPClient

/// Where a repository's files come from: one or several copies of it, and how to ask them.
public struct Upstream: Sendable {
    /// URLs without user part and without a slash at the end, in the order of preference.
    public let bases: [String]
    /// How often a file is asked for again, after every base was asked once.
    public var retries: Int
    /// Seconds before the first retry; each further one waits twice as long, up to half a minute, with jitter.
    public var retryDelay: Double
    private let baseOptions: [TransferOptions]

    /// - Parameters:
    ///   - bases: `http`, `https` or `file` URLs; the user part of one serves as its credentials.
    ///   - options: for all of them. Credentials, headers and client certificate go to the bases' origins alone.
    /// - Throws: ``ChantalError`` `config` for no base, or one that is no URL of these kinds or has a query.
    public init(
        bases: [String], options: TransferOptions = TransferOptions(), retries: Int = 5, retryDelay: Double = 1
    ) throws(ChantalError) {
        if bases.isEmpty { throw ChantalError(.config, "there is no upstream") }
        var clean: [String] = []
        var each: [TransferOptions] = []
        for base in bases {
            let parts = try Upstream.checked(base)
            var own = options
            if own.credentials == nil, let user = parts.user {
                own.credentials = .basic(user: user, password: parts.password ?? "")
            }
            var text = parts.text
            while text.hasSuffix("/"), text != "file:///" { text.removeLast() }
            clean.append(text)
            each.append(own)
        }
        self.bases = clean
        self.retries = max(0, retries)
        self.retryDelay = max(0, retryDelay)
        baseOptions = each
    }

    private static func checked(_ base: String) throws(ChantalError) -> WebURL {
        let url: WebURL
        do { url = try WebURL(base) } catch {
            throw ChantalError(
                .config, error.message, hint: "an upstream is http://, https:// or file:///", url: error.url)
        }
        guard ["http", "https", "file"].contains(url.scheme), !url.text.utf8.contains(UInt8(ascii: "?")) else {
            throw ChantalError(
                .config, "the upstream '\(url.text)' is refused: it is not of http, https or file, or has a query",
                hint: "an upstream is http://, https:// or file:///", url: url.text)
        }
        return url
    }

    /// The places where a file may be, with the options for each.
    func targets(for location: FetchRequest.Location) -> [Target] {
        switch location {
        case .path(let path):
            let relative = path.drop { $0 == "/" }
            return bases.indices.map { Target(base: $0, url: "\(bases[$0])/\(relative)", options: baseOptions[$0]) }
        case .url(let url):
            let origin = WebURL.origin(of: url)
            for index in bases.indices where origin != nil && WebURL.origin(of: bases[index]) == origin {
                return [Target(base: nil, url: url, options: baseOptions[index])]
            }
            return [Target(base: nil, url: url, options: baseOptions[0].withoutSecrets)]
        }
    }
}

/// One place where a file may be.
struct Target: Sendable {
    /// Which base of the upstream, nil for a URL of its own.
    let base: Int?
    let url: String
    let options: TransferOptions
}
