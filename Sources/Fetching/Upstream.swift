public import Basics
public import HTTPClient

/// Where a repository's files come from: one or several copies of it, and how to ask them.
public struct Upstream: Sendable {
    /// URLs without user part and without a slash at the end, in the order of preference. None while a list of mirrors is still to be
    /// asked for.
    public private(set) var bases: [String]
    /// How often a file is asked for again, after every base was asked once.
    public var retries: Int
    /// Seconds before the first retry; each further one waits twice as long, up to half a minute, with jitter.
    public var retryDelay: Double
    private let options: TransferOptions
    private var baseOptions: [TransferOptions]
    private var baseOrigins: [String] = []
    /// What the configuration names: credentials go there and nowhere else. `file://` is one of them for a local upstream.
    private var origins: Set<String>

    /// - Parameters:
    ///   - bases: `http`, `https` or `file` URLs; the user part of one serves as its credentials.
    ///   - options: for all of them. Credentials, headers and client certificate go to the bases' origins alone.
    /// - Throws: ``ChantalError`` `config` for a base that is no URL of these kinds or has a query.
    public init(
        bases: [String], options: TransferOptions = TransferOptions(), retries: Int = 5, retryDelay: Double = 1
    ) throws(ChantalError) {
        self.bases = []
        self.options = options
        self.retries = max(0, retries)
        self.retryDelay = max(0, retryDelay)
        baseOptions = []
        origins = []
        try use(bases, trusted: true)
    }

    /// Replaces the bases: by those that a list of mirrors names, or by what becomes of the configured ones.
    ///
    /// - Parameter trusted: whether the configuration itself names them: then they are shown the credentials. Others are only if
    ///   they are of an origin that it names, and are refused if they lead into this machine's files.
    /// - Throws: ``ChantalError`` `config`.
    public mutating func use(_ bases: [String], trusted: Bool) throws(ChantalError) {
        var clean: [String] = []
        var each: [TransferOptions] = []
        var baseOrigins: [String] = []
        var known = origins
        for base in bases {
            let parts = try Upstream.checked(base)
            if trusted { known.insert(parts.origin) }
            try Upstream.checkFile(parts, known)
            var own = known.contains(parts.origin) ? options : options.withoutSecrets
            if trusted, own.credentials == nil, let user = parts.user {
                own.credentials = .basic(user: user, password: parts.password ?? "")
            }
            var text = parts.text
            while text.hasSuffix("/"), text != "file:///" { text.removeLast() }
            clean.append(text)
            each.append(own)
            baseOrigins.append(parts.origin)
        }
        self.bases = clean
        baseOptions = each
        self.baseOrigins = baseOrigins
        origins = known
    }

    /// Shows the credentials to the origin of a URL that the configuration names although it is no base: a list of mirrors.
    public mutating func trust(_ url: String) throws(ChantalError) { origins.insert(try WebURL(url).origin) }

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

    /// What comes over the network must not lead into this machine's files.
    private static func checkFile(_ url: WebURL, _ origins: Set<String>) throws(ChantalError) {
        guard url.scheme == "file", !origins.contains(url.origin) else { return }
        throw ChantalError(
            .unsafePath, "'\(url.text)' is refused: upstream names a file of this machine",
            hint: "only a repository whose own upstream is file:// may lead to others", url: url.text)
    }

    /// The places where a file may be, with the options for each.
    /// - Throws: ``ChantalError`` for a URL that is none, or leads where it must not; `config` where there is no base.
    func targets(for request: FetchRequest) throws(ChantalError) -> [Target] {
        switch request.location {
        case .path(let path):
            if bases.isEmpty {
                throw ChantalError(
                    .config, "\(request.name) cannot be fetched: there is no upstream", path: request.name)
            }
            let relative = path.drop { $0 == "/" }
            return bases.indices.map { index in
                // What a web server answers for a directory.
                let name = relative.hasSuffix("/") && baseOrigins[index] == "file://" ? "index.html" : ""
                return Target(base: index, url: "\(bases[index])/\(relative)\(name)", options: baseOptions[index])
            }
        case .url(let text):
            let url = try WebURL(text)
            try Upstream.checkFile(url, origins)
            if let index = baseOrigins.firstIndex(of: url.origin) {
                return [Target(base: index, url: url.text, options: baseOptions[index])]
            }
            let own = origins.contains(url.origin) ? options : options.withoutSecrets
            return [Target(base: nil, url: url.text, options: own)]
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
