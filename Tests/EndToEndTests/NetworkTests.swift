import TestSupport
import Testing

/// The ways from upstream to the store.
@Suite("Network, from outside")
struct NetworkTests {
    @Test(
        "https with an authority of one's own, a client certificate and basic auth; without one of them the sync fails")
    func https() throws {
        let site = try MirrorSite()
        let certificates = try Certificates()
        let tls = try NginxServer.TLS(certificates.server(), clientAuthority: certificates.authority.certificate)
        let nginx = try NginxServer(
            root: site.upstream.root, tls: tls, credentials: (user: "robot", password: "s3cret-w0rd"))
        let client = try certificates.client()
        let authority = "network: {retries: 0, proxy: none, ca: \(certificates.authority.certificate)}"
        let certificate = "client_certificate: {cert: \(client.certificate), key: \(client.key)}"
        let common = ["upstream: \(nginx.url)", site.section[1], site.section[2]]
        func attempt(_ top: String, _ lines: [String], _ status: String) throws -> Answer {
            site.top = [top]
            site.section = common + lines
            try site.configure()
            let answer = try site.sync(status)
            #expect(!answer.description.contains("s3cret-w0rd"))
            return answer
        }
        let login = ["username: robot", "password: s3cret-w0rd"]
        let unknown = try attempt("network: {retries: 0, proxy: none}", [certificate] + login, "failed")
        #expect(unknown.errors.contains("certificate"), "\(unknown)")
        let bare = try attempt(authority, login, "failed")
        #expect(bare.errors.contains("400"), "\(bare)")
        let stranger = try attempt(authority, [certificate], "failed")
        #expect(stranger.errors.contains("401"), "\(stranger)")
        let wrong = try attempt(authority, [certificate, "username: robot", "password: s3cret-w0rd-not"], "failed")
        #expect(wrong.errors.contains("401"), "\(wrong)")

        let password = try site.home.write("s3cret-w0rd\n", to: "password", mode: 0o600)
        let good = try attempt(authority, [certificate, "username: robot", "password_file: \(password)"], "changed")
        #expect(good.repository["packages"] as? Int == 2)
        let inline = "upstream: https://robot:s3cret-w0rd@127.0.0.1:\(nginx.port)"
        site.section = [inline, site.section[1], site.section[2], certificate]
        try site.configure()
        #expect(try !site.sync("unchanged").description.contains("s3cret-w0rd"))
    }

    @Test("a proxy of the configuration is used, one of the environment too unless no_proxy or `none` says otherwise")
    func proxy() throws {
        let site = try MirrorSite()
        let proxy = try LoopbackServer(.nothing)
        proxy.fault("*", .proxyAuth(user: "me", password: "pr0xy-w0rd"))
        let address = "http://me:pr0xy-w0rd@127.0.0.1:\(proxy.port)"
        let variables = ["http_proxy": address]

        let first = try site.sync(environment: variables)
        #expect(proxy.requests.count == first.repository["requests"] as? Int)
        #expect(site.server.requests.allSatisfy { $0["Proxy-Authorization"] == nil })
        proxy.clearRequests()
        try site.sync("unchanged", environment: variables.merging(["no_proxy": "127.0.0.1"]) { $1 })
        #expect(proxy.requests.isEmpty)
        site.top = ["network: {retries: 0, proxy: none}"]
        try site.configure()
        try site.sync("unchanged", environment: variables)
        #expect(proxy.requests.isEmpty)
        site.top = ["network: {retries: 0, proxy: \"\(address)\"}"]
        try site.configure()
        let configured = try site.sync("unchanged")
        #expect(proxy.requests.count == 1)
        #expect(!configured.description.contains("pr0xy-w0rd"))
        #expect(try !site.chantal("config", "show").description.contains("pr0xy-w0rd"))
        proxy.stop()
        let down = try site.chantal("sync", "--full", "-v")
        #expect(down.status == 1)
        #expect(!down.description.contains("pr0xy-w0rd"), "\(down)")
    }

    @Test("an upstream on disk is mirrored as one on the network is, spaces and plus signs in its path included")
    func file() throws {
        let site = try MirrorSite()
        try site.add("lib+plus~x", "1:2.0+dfsg~rc1-1")
        let moved = site.home.path("an upstream+")
        try Subprocess.run(["cp", "-a", site.upstream.root, moved]).checked()
        try site.setUpstream("file://\(moved.replacing(" ", with: "%20"))")
        try site.sync()
        let path = "dists/stable/InRelease"
        #expect(try site.published(path) == Files.read("\(moved)/\(path)"))
        #expect(try site.sync("unchanged").repository["requests"] as? Int == 1)
        #expect(site.server.requests.isEmpty)
    }

    @Test("of several upstreams the next is asked for each file that one lacks, breaks, or is not there for")
    func several() throws {
        let site = try MirrorSite()
        let first = try LoopbackServer(root: site.upstream.root)
        first.fault("*/alpha_*.deb", .status(404))
        first.fault("*/beta_*.deb", .flipByte(at: 70))
        let gone = "http://127.0.0.1:\(try LoopbackPort.free())/debian"
        try site.setUpstream("[\"\(gone)\", \"\(first.url)\", \"\(site.server.url)\"]")
        let answer = try site.sync()
        #expect(answer.repository["packages"] as? Int == 2)
        #expect(first.requests(matching: "*/InRelease").count == 1)
        let asked = Set(site.server.requests.map { $0.path.split(separator: "/").last ?? "" })
        #expect(asked == ["alpha_1.0-1_amd64.deb", "beta_1.0-1_amd64.deb"])
        #expect(try site.chantal("verify").status == 0)
    }
}
