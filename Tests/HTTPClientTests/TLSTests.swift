import Basics
import HTTPClient
import TestSupport
import Testing

/// nginx that serves a directory and says which protocol it spoke.
struct Site {
    let server: NginxServer

    init(
        root: TemporaryDirectory, tls: NginxServer.TLS? = nil, credentials: (user: String, password: String)? = nil
    ) throws {
        let configuration = try root.write(
            """
            server {
            listen 80;
            root /nowhere;
            add_header X-Protocol $server_protocol always;
            }
            """, to: "site.conf")
        server = try NginxServer(root: root.path, configuration: configuration, tls: tls, credentials: credentials)
    }

    func url(_ path: String) -> String { "\(server.url)/\(path)" }
}

@Suite struct TLSTests {
    let root: TemporaryDirectory
    let certificates: Certificates
    let client: TransferClient

    init() throws {
        root = try TemporaryDirectory("http")
        certificates = try Certificates()
        client = try TransferClient()
        try root.write("safe", to: "a")
    }

    private func options(_ certificate: TransferOptions.ClientCertificate? = nil) -> TransferOptions {
        TransferOptions(proxy: .none, caFile: certificates.authority.certificate, clientCertificate: certificate)
    }

    @Test("a server of the configured authority is trusted, over HTTP/2, many files on one connection")
    func http2() throws {
        let site = try Site(root: root, tls: NginxServer.TLS(certificates.server()))
        let bytes = sample(2_000_000)
        try root.write(bytes, to: "big")
        let sinks = (0..<20).map { _ in MemorySink() }
        let all = sinks.map { client.start(site.url("big"), options(), into: $0) }
        for (one, sink) in zip(all, sinks) {
            #expect(try one.response().headers["X-Protocol"] == "HTTP/2.0")
            #expect(sink.body == bytes)
        }
    }

    @Test("resuming, conditions and limits work over HTTP/2")
    func http2Features() throws {
        let site = try Site(root: root, tls: NginxServer.TLS(certificates.server()))
        let first = try client.get(site.url("a"), options()).response
        let range = try client.get(site.url("a"), options()) { $0.resume = .init(offset: 2, ifRange: first.etag) }
        #expect(range.response.status == 206)
        #expect(range.body == Array("fe".utf8))
        #expect(try client.get(site.url("a"), options()) { $0.validators = first.validators }.response.isNotModified)
        #expect(try client.failure(site.url("a"), options()) { $0.sizeLimit = 3 }.error.code == .tooLarge)
        #expect(try client.failure(site.url("none"), options()).error.code == .missing)
        let slow = try TransferClient(configuration: ClientConfiguration(bandwidth: 500_000))
        try root.write(sample(200_000), to: "big")
        let all = (0..<4).map { _ in slow.start(site.url("big"), options(), into: MemorySink()) }
        let start = monotonicSeconds()
        for one in all { #expect(try one.response().bytes == 200_000) }
        #expect(monotonicSeconds() - start > 1.2)
    }

    @Test("an unknown authority and another name are refused with a hint")
    func untrusted() throws {
        let good = try Site(root: root, tls: NginxServer.TLS(certificates.server()))
        let other = try Site(root: root, tls: NginxServer.TLS(certificates.server(names: ["DNS:elsewhere.test"])))
        let cases = [(good, TransferOptions(proxy: .none)), (other, options())]
        for (site, options) in cases {
            let failure = try client.failure(site.url("a"), options)
            #expect(failure.error.code == .network)
            #expect(failure.error.message.contains("certificate"))
            #expect(failure.error.hint?.contains("ca") == true)
            #expect(!failure.isTransient)
        }
    }

    @Test("a client certificate is shown where it is asked for, its key with a passphrase or without")
    func clientCertificate() throws {
        let tls = try NginxServer.TLS(certificates.server(), clientAuthority: certificates.authority.certificate)
        let site = try Site(root: root, tls: tls)
        let plain = try certificates.client()
        let locked = try certificates.client(passphrase: "pass word")
        let good: [TransferOptions.ClientCertificate] = [
            .init(certificate: plain.certificate, key: plain.key),
            .init(certificate: locked.certificate, key: locked.key, passphrase: "pass word"),
        ]
        for certificate in good {
            #expect(try client.get(site.url("a"), options(certificate)).body == Array("safe".utf8))
        }
        #expect(try client.failure(site.url("a"), options()).status == 400)
        let wrong = TransferOptions.ClientCertificate(
            certificate: locked.certificate, key: locked.key, passphrase: "wrong-secret")
        // A client of its own: a connection that the certificate opened would serve.
        let failure = try TransferClient().failure(site.url("a"), options(wrong))
        #expect(failure.error.message.contains("client certificate"))
        #expect(failure.error.hint?.contains("client_certificate") == true)
        #expect(!"\(failure)".contains("wrong-secret"))
        #expect(!failure.isTransient)
    }

    @Test("basic credentials work with a real server")
    func basic() throws {
        let site = try Site(root: root, credentials: ("ci", "pa:ss wörd"))
        let options = TransferOptions(proxy: .none, credentials: .basic(user: "ci", password: "pa:ss wörd"))
        #expect(try client.get(site.url("a"), options).body == Array("safe".utf8))
        #expect(try client.failure(site.url("a"), TransferOptions(proxy: .none)).status == 401)
    }

    @Test("https never leads to http")
    func downgrade() throws {
        let plain = try LoopbackServer(root: root.path)
        try root.write(
            """
            server {
            listen 80;
            root /nowhere;
            location /down { return 302 \(plain.url)/a; }
            location /same { return 302 /a; }
            }
            """, to: "redirect.conf")
        let server = try NginxServer(
            root: root.path, configuration: root.path("redirect.conf"), tls: NginxServer.TLS(certificates.server()))
        let failure = try client.failure(server.url + "/down", options())
        #expect(failure.error.message.contains("https to http"))
        #expect(plain.requests.isEmpty)
        #expect(try client.get(server.url + "/same", options()).body == Array("safe".utf8))
    }

    @Test("a file of authorities that is not there is told")
    func badAuthority() throws {
        let site = try Site(root: root, tls: NginxServer.TLS(certificates.server()))
        let failure = try client.failure(site.url("a"), TransferOptions(proxy: .none, caFile: root.path("none.pem")))
        #expect(failure.error.hint?.contains("network.ca") == true)
    }
}
