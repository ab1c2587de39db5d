import Basics

/// A certificate authority of one test, with certificates that it has issued (openssl, P-256).
public final class Certificates: Sendable {
    /// PEM files of a certificate and its key.
    public struct Pair: Sendable {
        public let certificate: String
        public let key: String
    }

    private let directory: TemporaryDirectory
    public let authority: Pair

    public init() throws {
        directory = try TemporaryDirectory("tls")
        authority = Pair(certificate: directory.path("ca.pem"), key: directory.path("ca.key"))
        try Certificates.request(
            authority, subject: "Test Authority", extensions: ["basicConstraints=critical,CA:TRUE"], more: [])
    }

    /// A certificate for 127.0.0.1 and localhost.
    /// - Parameter names: other subject names, such as `DNS:elsewhere.test`.
    public func server(names: [String] = ["IP:127.0.0.1", "DNS:localhost"], days: Int = 30) throws -> Pair {
        let extensions = ["subjectAltName=\(names.joined(separator: ","))", "extendedKeyUsage=serverAuth"]
        return try issue("server", extensions: extensions, days: days)
    }

    /// A certificate for a client.
    /// - Parameter passphrase: encrypts the key's file.
    public func client(passphrase: String? = nil) throws -> Pair {
        try issue("client", extensions: ["extendedKeyUsage=clientAuth"], passphrase: passphrase)
    }

    private func issue(_ name: String, extensions: [String], days: Int = 30, passphrase: String? = nil) throws -> Pair {
        let base = TemporaryName.next(name)
        let pair = Pair(certificate: directory.path("\(base).pem"), key: directory.path("\(base).key"))
        let issuer = ["-CA", authority.certificate, "-CAkey", authority.key]
        try Certificates.request(
            pair, subject: name, extensions: ["basicConstraints=CA:FALSE"] + extensions, more: issuer, days: days,
            passphrase: passphrase)
        return pair
    }

    private static func request(
        _ pair: Pair, subject: String, extensions: [String], more: [String], days: Int = 30, passphrase: String? = nil
    ) throws {
        let key = [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", pair.key, "-out", pair.certificate,
        ]
        let secret = passphrase.map { ["-passout", "pass:\($0)"] } ?? ["-nodes"]
        let subject = ["-days", "\(days)", "-subj", "/CN=\(subject)"] + extensions.flatMap { ["-addext", $0] }
        try Subprocess.run(["openssl", "req", "-x509"] + key + secret + subject + more).checked()
    }
}
