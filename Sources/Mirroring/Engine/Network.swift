import Basics
import Fetching
import Store
import Synchronization

/// The way to upstreams, for all repositories of a process: one client for each set of limits, made when first needed.
final class Network: Sendable {
    private struct Limits: Hashable {
        var connections: Int
        var perHost: Int
        var bandwidth: Int64?
    }

    private let clients = Mutex<[Limits: TransferClient]>([:])

    /// The client for a set of limits.
    func client(for settings: NetworkSettings) throws -> TransferClient {
        let limits = Limits(connections: settings.connections, perHost: settings.perHost, bandwidth: settings.bandwidth)
        return try clients.withLock { clients in
            if let there = clients[limits] { return there }
            let made = try TransferClient(
                configuration: ClientConfiguration(
                    connections: limits.connections, perHost: limits.perHost, bandwidth: limits.bandwidth))
            clients[limits] = made
            return made
        }
    }

    deinit {
        clients.withLock { clients in
            for client in clients.values { client.shutdown() }
        }
    }
}

extension Upstream {
    /// Where a repository's files come from, as its section says.
    init(_ section: RepositorySection) throws {
        let network = section.network
        let proxy: TransferOptions.Proxy =
            switch network.proxy {
            case .environment: .environment
            case .none: .none
            case .url(let proxy): .url(try proxy.revealed())
            }
        let credentials: TransferOptions.Credentials? =
            switch section.credentials {
            case .none: nil
            case .basic(let user, let password): .basic(user: user, password: try password.reveal())
            case .bearer(let token): .bearer(try token.reveal())
            }
        let certificate = try section.clientCertificate.map {
            TransferOptions.ClientCertificate(
                certificate: $0.certificate, key: $0.key ?? $0.certificate, passphrase: try $0.passphrase?.reveal())
        }
        try self.init(
            bases: section.upstream,
            options: TransferOptions(
                timeout: Double(network.timeout), proxy: proxy, caFile: network.ca, clientCertificate: certificate,
                credentials: credentials,
                headers: try section.headers.map { (name: $0.key, value: try $0.value.reveal()) }),
            retries: network.retries)
    }
}

extension UpstreamURL {
    /// The whole URL, with user and password: for the transfer alone.
    func revealed() throws -> String {
        guard let user, let scheme = text.range(of: "://") else { return text }
        func encoded(_ text: String) -> String {
            var result: [UInt8] = []
            for byte in text.utf8 {
                if byte.isASCIILetter || byte.isASCIIDigit || "-._~".utf8.contains(byte) {
                    result.append(byte)
                } else {
                    result.append(UInt8(ascii: "%"))
                    result.append(contentsOf: Hex.string([byte]).utf8)
                }
            }
            return String(decoding: result, as: UTF8.self)
        }
        let password = try password.map { ":" + encoded(try $0.reveal()) } ?? ""
        return text[..<scheme.upperBound] + encoded(user) + password + "@" + text[scheme.upperBound...]
    }
}
