import Basics

/// How to log in at an upstream.
public enum UpstreamCredentials: Sendable {
    case none
    case basic(user: String, password: Secret)
    case bearer(Secret)
}

/// A repository, or a view, as the configuration describes it, checked.
public struct RepositorySection: Sendable {
    public let name: String
    public let type: String
    public let location: SourceLocation
    /// Where to mirror from, without user parts; empty for a hosted repository and a view. To be shown through `Redaction.url`, as queries
    /// may hold secrets.
    public let upstream: [String]
    /// From `username`, `password`, `token`, or the user part of `upstream`.
    public let credentials: UpstreamCredentials
    public let clientCertificate: ClientCertificate?
    /// The global keys, and those of the repository over them.
    public let network: NetworkSettings
    public let retention: RetentionSettings
    /// The keys under `filter`; nil for a verbatim mirror.
    public let filter: SectionValues?
    /// The key to sign with; nil with `sign: false`.
    public let signing: SigningSettings?
    let values: SectionValues

    /// The value of a key, typed and validated; its default if it is absent.
    public func value<Value>(_ setting: Setting<Value>) -> Value { values.value(setting) }

    /// Whether a key is written.
    public func isGiven(_ setting: some DeclaredSetting) -> Bool { values.isGiven(setting) }

    /// Where a key stands, or else the repository.
    public func location(of setting: some DeclaredSetting) -> SourceLocation { values.location(of: setting.name) }

    /// Whether it has no upstream and is filled by `add`.
    public let isHosted: Bool

    /// Of a view the repositories that it is made of, in order; empty for a repository.
    public let members: [String]

    /// Whether it is several repositories served as one.
    public var isView: Bool { !members.isEmpty }

    /// Whether all metadata is written anew, for it is filtered, hosted or a view.
    public var isRegenerated: Bool { filter != nil || isHosted || isView }

    /// What the common keys of `filter` ask for; everything if there is no filter.
    public var filterRules: FilterRules { filter.map(FilterRules.init) ?? FilterRules() }

    /// The headers to send, in order.
    public var headers: [(key: String, value: Secret)] { value(CommonSettings.headers) }
}

extension RepositorySection {
    /// Takes the values of a section and what the global keys say.
    /// - Throws: ``ChantalError`` `config` for credentials that contradict each other, and a certificate without file.
    init(
        name: String, ecosystem: EcosystemDeclaration, location: SourceLocation, values: SectionValues,
        network: SectionValues, retention: SectionValues, signing: SigningSettings?, members: [String] = []
    ) throws {
        self.name = name
        type = ecosystem.type
        self.location = location
        self.values = values.inheriting(network, as: CommonSettings.network).inheriting(
            retention, as: CommonSettings.retention)
        upstream = (values.value(CommonSettings.upstream) ?? []).map(\.text)
        self.members = members
        isHosted = members.isEmpty && !ecosystem.upstreamKeys.contains(where: values.isGiven)
        credentials = try UpstreamCredentials(values)
        clientCertificate = try values.value(CommonSettings.clientCertificate).map(ClientCertificate.init)
        self.network = NetworkSettings(self.values.value(CommonSettings.network) ?? network)
        self.retention = RetentionSettings(self.values.value(CommonSettings.retention) ?? retention)
        filter = values.value(CommonSettings.filter)
        self.signing = values.value(CommonSettings.sign) ? signing : nil
    }
}

extension UpstreamCredentials {
    /// From the keys, or from the user part that all upstreams have.
    init(_ values: SectionValues) throws {
        let user = values.value(CommonSettings.username)
        let password = values.value(CommonSettings.password)
        let token = values.value(CommonSettings.token)
        let upstream = values.value(CommonSettings.upstream) ?? []
        func problem(_ setting: some DeclaredSetting, _ message: String, hint: String? = nil) -> ChantalError {
            values.location(of: setting.name).error(message, hint: hint)
        }
        if token != nil, user != nil || password != nil {
            throw problem(CommonSettings.token, "'token' and 'username' are both given", hint: "keep one of the two")
        }
        if (user == nil) != (password == nil) {
            let lacking = user == nil ? "username" : "password"
            let given = user == nil ? CommonSettings.password.name : CommonSettings.username.name
            throw values.location(of: given).error("'\(given)' needs '\(lacking)' beside it")
        }
        let inURL = upstream.filter { $0.user != nil }
        if let first = inURL.first, let name = first.user {
            if user != nil || token != nil {
                throw problem(CommonSettings.upstream, "the URL holds a user, and there are keys for it as well")
            }
            // The user of one upstream is no business of another.
            let isOne = upstream.allSatisfy { $0.user == name && Secret.isSame($0.password, first.password) }
            guard isOne else {
                throw problem(
                    CommonSettings.upstream, "not all upstreams have the same user in their URL",
                    hint: "'username' and 'password' are keys of their own")
            }
            self = .basic(user: name, password: first.password ?? Secret(""))
        } else if let user, let password {
            self = .basic(user: user, password: password)
        } else if let token {
            self = .bearer(token)
        } else {
            self = .none
        }
    }
}
