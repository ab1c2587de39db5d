import Archive
import Basics
import TestSupport
import Testing

@Suite("Plain tars")
struct TarTests {
    let making: Making
    init() throws { making = try Making() }

    let time = Timestamp(seconds: 1_700_000_000)

    private func written(_ members: [(String, [UInt8])]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let tar = TarWriter { bytes.append(contentsOf: $0) }
        for (name, contents) in members { try tar.add(name, contents, modified: time) }
        try tar.finish()
        #expect(tar.position == Int64(bytes.count))
        let rooms = members.reduce(TarWriter.endSize) { $0 + TarWriter.room(for: Int64($1.1.count)) }
        #expect(rooms == tar.position)
        return bytes
    }

    private func names(_ bytes: [UInt8], piece: Int = 700) throws -> [String: [UInt8]] {
        let reader = TarReader(from: stream(bytes, piece: piece))
        var result: [String: [UInt8]] = [:]
        while let member = try reader.next() {
            result[String(decoding: member.name, as: UTF8.self)] = try reader.readAll(limit: 1 << 20)
        }
        return result
    }

    @Test("what is written is read by GNU tar, by libarchive and by ourselves, and is the same each time")
    func roundTrip() throws {
        let members = [
            ("index", Array("hello\n".utf8)), ("empty", []), ("blobs/full", [UInt8](repeating: 7, count: 1024)),
            (String(repeating: "n", count: 100), [1]),
        ]
        let bytes = try written(members)
        #expect(try written(members) == bytes)
        let path = try making.directory.write(bytes, to: "a.tar")
        let listed = try Subprocess.run(["tar", "-tvf", path], environment: ["TZ": "UTC"]).checked()
        #expect(listed.stdout.hasPrefix("-r--r--r-- 0/0               6 2023-11-14 22:13 index\n"))
        #expect(listed.stderr.isEmpty)
        let shown = try Subprocess.run(["tar", "-xOf", path, "blobs/full"]).checked()
        #expect(shown.standardOutput == members[2].1)
        let reader = try ArchiveReader(.tar, from: stream(bytes))
        for (name, contents) in members {
            #expect(try reader.next()?.text == name)
            #expect(try reader.readAll(limit: 2000) == contents)
        }
        for piece in [1, 511, 100_000] {
            #expect(try names(bytes, piece: piece) == Dictionary(uniqueKeysWithValues: members))
        }
    }

    @Test("sizes of 8 GiB and more are written as other tars read them")
    func largeSize() throws {
        let size: Int64 = 9 << 30
        var header: [UInt8] = []
        let tar = TarWriter { header.append(contentsOf: $0) }
        try tar.begin("large", size: size, modified: time)
        let path = try making.directory.write(header, to: "large.tar")
        let listed = try Subprocess.run(["tar", "-tvf", path])
        #expect(listed.stdout.contains(" 9663676416 "))
        #expect(try TarReader(from: stream(header)).next()?.size == size)
    }

    @Test("a tar of another tool's with plain files is read", arguments: ["gnu", "ustar", "v7"])
    func foreign(format: String) throws {
        _ = try making.directory.write("x", to: "d/one")
        let path = making.directory.path("f.tar")
        try Subprocess.run(["tar", "--format=\(format)", "-cf", path, "-C", making.directory.path, "d/one"]).checked()
        #expect(try names(Files.read(path)) == ["d/one": [UInt8(ascii: "x")]])
    }

    @Test(
        "anything but a plain file is refused",
        arguments: [
            "plain('a', 0, tarfile.SYMTYPE, '/etc/passwd')", "plain('a', 0, tarfile.LNKTYPE, 'b')",
            "plain('a', 0, tarfile.DIRTYPE)", "plain('a', 0, tarfile.CHRTYPE)", "plain('a', 0, tarfile.FIFOTYPE)",
            "plain('n' * 300, 0)",
        ])
    func refused(member: String) throws {
        let bytes = try making.python("with tarfile.open(out, 'w') as t: t.addfile(\(member))")
        #expect(code { _ = try names(bytes) } == .malformed)
    }

    @Test("a flipped bit in a header, an early end and bytes after the end are refused")
    func damaged() throws {
        let good = try written([("a", [1, 2, 3]), ("b", [4])])
        var flipped = good
        flipped[1024 + 3] ^= 1
        #expect(code { _ = try names(flipped) } == .malformed)
        for length in [0, 100, 512, 700, 1500, good.count - 1024, good.count - 512] {
            #expect(code { _ = try names(Array(good.prefix(length))) } == .malformed)
        }
        #expect(code { _ = try names(good + [0, 0, 1]) } == .malformed)
        #expect(try names(good + [UInt8](repeating: 0, count: 9000)).count == 2)
    }

    @Test("a member of many bytes is not read into memory")
    func large() throws {
        var header: [UInt8] = []
        try TarWriter { header.append(contentsOf: $0) }.begin("a", size: 1 << 40, modified: time)
        let reader = TarReader(from: stream(header))
        _ = try reader.next()
        #expect(code { _ = try reader.readAll(limit: 1 << 20) } == .tooLarge)
    }
}
