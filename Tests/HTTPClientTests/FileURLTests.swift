import Basics
import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct FileURLTests {
    let root: TemporaryDirectory
    let client: TransferClient

    init() throws {
        root = try TemporaryDirectory("file")
        client = try TransferClient()
    }

    private func url(_ path: String) -> String { "file://\(root.path(path))" }

    @Test("a file on this machine arrives")
    func file() throws {
        let bytes = sample(700_000)
        try root.write(bytes, to: "a b%")
        let (response, body) = try client.get(url("a%20b%25"))
        #expect(body == bytes)
        #expect(response.status == 200)
        #expect(response.contentLength == 700_000)
        try root.write("", to: "empty")
        #expect(try client.get(url("empty")).body.isEmpty)
    }

    @Test("what has not changed is not read again, by ETag or by date")
    func conditional() throws {
        try root.write("one", to: "a")
        let first = try client.get(url("a")).response
        #expect(try client.get(url("a")) { $0.validators = first.validators }.response.isNotModified)
        let date = Transfer.Validators(etag: nil, lastModified: first.lastModified)
        #expect(try client.get(url("a")) { $0.validators = date }.response.isNotModified)
        try root.write("two", to: "a")
        #expect(try client.get(url("a")) { $0.validators = first.validators }.response.status == 200)
    }

    @Test("a range of a file is read, if it is the same file")
    func range() throws {
        try root.write("0123456789", to: "a")
        let etag = try client.get(url("a")).response.rangeValidator
        let same = try client.get(url("a")) { $0.resume = Transfer.Resume(offset: 7, ifRange: etag) }
        #expect(String(decoding: same.body, as: UTF8.self) == "789")
        let other = try client.get(url("a")) { $0.resume = Transfer.Resume(offset: 7, ifRange: "\"x\"") }
        #expect(other.body.count == 10)
    }

    @Test("a missing file, a directory and a pipe are missing")
    func missing() throws {
        try root.makeDirectory("d")
        #expect(mkfifo(root.path("pipe"), 0o644) == 0)
        for name in ["x", "x/y", "d", "pipe"] {
            let failure = try client.failure(url(name))
            #expect(failure.error.code == .missing)
            #expect(failure.error.message.contains(url(name)))
        }
    }

    @Test("the limit counts for files, too")
    func limit() throws {
        try root.write(sample(100_000), to: "a")
        #expect(try client.failure(url("a")) { $0.sizeLimit = 99_999 }.error.code == .tooLarge)
    }

    @Test("a file that waited for its turn starts when the one before it ends, not at the next time-out")
    func turns() throws {
        for name in 0..<9 { try root.write("\(name)", to: "\(name)") }
        let narrow = try TransferClient(configuration: ClientConfiguration(connections: 2, perHost: 1))
        let began = monotonicSeconds()
        let all = (0..<9).map { name in
            let pending = Pending()
            let options = TransferOptions(timeout: 10, proxy: .none)
            return (
                pending, Transfer(url: url("\(name)"), options: options, sink: MemorySink()) { pending.complete($0) }
            )
        }
        narrow.submit(all.map(\.1))
        for (pending, _) in all { #expect(try pending.response().status == 200) }
        #expect(monotonicSeconds() - began < 5)
    }
}
