import Basics
import HTTPClient
import TestSupport
import Testing

@Suite struct ProxyTests {
    let root: TemporaryDirectory
    let server: LoopbackServer
    let proxy: LoopbackServer
    let client: TransferClient

    init() throws {
        root = try TemporaryDirectory("http")
        server = try LoopbackServer(root: root.path)
        proxy = try LoopbackServer(.nothing)
        client = try TransferClient()
        try root.write("through", to: "a")
    }

    @Test("a proxy is asked, with the credentials of its URL, and none of them reach the server")
    func forward() throws {
        proxy.fault("*", .proxyAuth(user: "p", password: "pw"))
        let address = "http://p:pw@127.0.0.1:\(proxy.port)"
        let (_, body) = try client.get(server.url("a"), TransferOptions(proxy: .url(address)))
        #expect(String(decoding: body, as: UTF8.self) == "through")
        #expect(proxy.requests.map(\.origin) == ["http://127.0.0.1:\(server.port)"])
        #expect(server.requests[0]["Proxy-Authorization"] == nil)
        let wrong = TransferOptions(proxy: .url("http://p:not-it@127.0.0.1:\(proxy.port)"))
        let failure = try client.failure(server.url("a"), wrong)
        #expect(failure.status == 407)
        #expect(failure.error.hint?.contains("network.proxy") == true)
        #expect(!"\(failure)".contains("not-it"))
    }

    @Test("https goes through CONNECT; credentials for the server are not shown to the proxy")
    func tunnel() throws {
        let certificates = try Certificates()
        let site = try Site(root: root, tls: NginxServer.TLS(certificates.server()), credentials: ("u", "secret"))
        let options = TransferOptions(
            proxy: .url(proxy.url), caFile: certificates.authority.certificate,
            credentials: .basic(user: "u", password: "secret"), headers: [("X-Token", "t")])
        #expect(String(decoding: try client.get(site.url("a"), options).body, as: UTF8.self) == "through")
        let connect = try #require(proxy.requests.first)
        #expect(connect.method == "CONNECT")
        #expect(connect["Authorization"] == nil)
        #expect(connect["X-Token"] == nil)
    }

    @Test("a proxy that refuses CONNECT is told from a server that refuses")
    func refusedTunnel() throws {
        proxy.fault("*", .status(403))
        let failure = try client.failure("https://127.0.0.1:\(server.port)/a", TransferOptions(proxy: .url(proxy.url)))
        #expect(failure.error.message.contains("the proxy answered 403"))
        #expect(!failure.isTransient)
    }

    @Test("a proxy that is not there is transient")
    func noProxy() throws {
        proxy.stop()
        let failure = try client.failure(server.url("a"), TransferOptions(proxy: .url(proxy.url)))
        #expect(failure.error.code == .network)
        #expect(failure.isTransient)
        #expect(server.requests.isEmpty)
    }
}
