/// How to speak with one upstream.
public struct TransferOptions: Sendable {
    /// Seconds without a byte, connecting included, after which a transfer fails.
    public var timeout: Double
    public var proxy: Proxy
    /// A PEM file with authorities that are trusted beside the machine's own.
    public var caFile: String?
    public var clientCertificate: ClientCertificate?
    /// Sent to the origin of the transfer's URL only, never to another one that it redirects to.
    public var credentials: Credentials?
    /// Sent, like credentials, to the origin only.
    public var headers: [(name: String, value: String)]

    public init(
        timeout: Double = 30, proxy: Proxy = .environment, caFile: String? = nil,
        clientCertificate: ClientCertificate? = nil, credentials: Credentials? = nil,
        headers: [(name: String, value: String)] = []
    ) {
        self.timeout = timeout
        self.proxy = proxy
        self.caFile = caFile
        self.clientCertificate = clientCertificate
        self.credentials = credentials
        self.headers = headers
    }

    /// Which proxy to go through.
    public enum Proxy: Sendable, Hashable {
        /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say, as curl reads them.
        case environment
        case none
        /// `http://`, `https://` or `socks5h://`, with user and password if it wants them.
        case url(String)
    }

    /// A certificate that proves who we are (PEM files).
    public struct ClientCertificate: Sendable, Hashable {
        public var certificate: String
        public var key: String
        public var passphrase: String?

        public init(certificate: String, key: String, passphrase: String? = nil) {
            self.certificate = certificate
            self.key = key
            self.passphrase = passphrase
        }
    }

    public enum Credentials: Sendable, Hashable {
        /// RFC 7617
        case basic(user: String, password: String)
        /// RFC 6750
        case bearer(String)
    }
}

extension TransferOptions {
    /// These options for another origin: without what only the configured one may see.
    public var withoutSecrets: TransferOptions {
        var options = self
        options.credentials = nil
        options.headers = []
        options.clientCertificate = nil
        return options
    }

    /// The texts that no message may show.
    var secrets: [String] {
        var texts = headers.map(\.value)
        switch credentials {
        case .basic(_, let password): texts.append(password)
        case .bearer(let token): texts.append(token)
        case nil: break
        }
        if let passphrase = clientCertificate?.passphrase { texts.append(passphrase) }
        if case .url(let url) = proxy, let parsed = try? WebURL(url), let password = parsed.password {
            texts.append(password)
        }
        return texts.filter { !$0.isEmpty }
    }
}
