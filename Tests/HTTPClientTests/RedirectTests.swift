import Basics
import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct RedirectTests {
    let root: TemporaryDirectory
    let server: LoopbackServer
    let client: TransferClient

    init() throws {
        root = try TemporaryDirectory("http")
        server = try LoopbackServer(root: root.path)
        client = try TransferClient()
        try root.write("target", to: "b/target")
    }

    @Test("redirects are followed, relative and absolute", arguments: [301, 302, 303, 307, 308])
    func followed(status: Int) throws {
        server.fault("/a/one", .redirect(to: "../b/two?x=1", status: status))
        server.fault("/b/two", .redirect(to: server.url("b/target"), status: status))
        let (response, body) = try client.get(server.url("a/one"))
        #expect(String(decoding: body, as: UTF8.self) == "target")
        #expect(response.requests == 3)
        #expect(response.finalURL == server.url("b/target"))
        #expect(!response.originChanged)
        #expect(client.requestCount == 3)
        #expect(server.requests.map(\.method) == ["GET", "GET", "GET"])
    }

    @Test("credentials and headers stay with their origin and go no further")
    func credentials() throws {
        let other = try LoopbackServer(root: root.path)
        server.fault("/near", .redirect(to: "/b/target"))
        server.fault("/far", .redirect(to: other.url("b/target")))
        server.fault("/named", .redirect(to: other.url("b/target").replacing("http://", with: "http://u:p@")))
        let options = TransferOptions(
            proxy: .none, credentials: .basic(user: "user", password: "secret"), headers: [("X-Token", "t")])
        _ = try client.get(server.url("near"), options)
        #expect(server.requests.allSatisfy { $0["Authorization"] != nil && $0["X-Token"] == "t" })
        for path in ["far", "named"] {
            let (response, _) = try client.get(server.url(path), options)
            #expect(response.originChanged)
            #expect(response.finalURL == other.url("b/target"))
        }
        #expect(other.requests.count == 2)
        #expect(other.requests.allSatisfy { $0["Authorization"] == nil && $0["X-Token"] == nil })
    }

    @Test("a user part of the URL is sent as basic credentials, to its origin")
    func userPart() throws {
        let other = try LoopbackServer(root: root.path)
        server.fault("/x", .basicAuth(user: "us er", password: "p@ss"), .redirect(to: "/b/target"))
        server.fault("/b/target", .basicAuth(user: "us er", password: "p@ss"))
        server.fault("/far", .redirect(to: other.url("b/target")))
        let url = server.url.replacing("http://", with: "http://us%20er:p%40ss@")
        let (response, body) = try client.get(url + "/x")
        #expect(String(decoding: body, as: UTF8.self) == "target")
        #expect(response.finalURL == server.url("b/target"))
        _ = try client.get(url + "/far")
        #expect(other.requests[0]["Authorization"] == nil)
    }

    @Test("a bearer token is sent")
    func bearer() throws {
        server.fault("*", .bearer(token: "abc"))
        let options = TransferOptions(proxy: .none, credentials: .bearer("abc"))
        #expect(try client.get(server.url("b/target"), options).response.status == 200)
        #expect(try client.failure(server.url("b/target")).status == 401)
    }

    @Test(
        "a redirect that may not be followed is refused",
        arguments: [
            "/b/tar\u{1}get", "/b/tar%0aget", "/b/%00", "/b/%7f", "file:///etc/passwd", "ftp://127.0.0.1/x", "",
            "http://",
            "http://h:99999/",
        ])
    func refused(location: String) throws {
        server.fault("/a", .redirect(to: location))
        let failure = try client.failure(server.url("a"))
        #expect(failure.error.code == .network)
        #expect(failure.error.message.contains("redirect"))
        #expect(!failure.isTransient)
        #expect(server.requests.count == 1)
    }

    @Test("a circle and an endless chain end")
    func endless() throws {
        server.fault("/a", .redirect(to: "/b"))
        server.fault("/b", .redirect(to: "/a"))
        let circle = try client.failure(server.url("a"))
        #expect(circle.error.message.contains("circle"))
        #expect(circle.requests == 2)
        for number in 0..<12 { server.fault("/n\(number)", .redirect(to: "/n\(number + 1)")) }
        let chain = try client.failure(server.url("n0"))
        #expect(chain.requests == 11)
        server.fault("/ten", .redirect(to: "/n3"))
        server.fault("/n12", .content([1]))
        #expect(try client.get(server.url("ten")).response.requests == 11)
    }

    @Test("a redirect's own body goes nowhere, a huge one is cut")
    func body() throws {
        let sink = MemorySink()
        let huge = [UInt8](repeating: 0, count: 50_000_000)
        let location = server.url("b/target")
        server.fault(
            "/a", .answer { _ in LoopbackResponse(status: 302, fields: [("Location", location)], body: .bytes(huge)) })
        let start = monotonicSeconds()
        _ = try client.start(server.url("a"), into: sink).response()
        #expect(sink.text == "target")
        #expect(server.requests[0].bodyBytes < 20_000_000)
        #expect(monotonicSeconds() - start < 5)
    }
}
