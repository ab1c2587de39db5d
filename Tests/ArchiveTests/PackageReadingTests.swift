import Archive
import Basics
import TestSupport
import Testing

@Suite("Reading packages")
struct PackageReadingTests {
    let making: Making
    init() throws { making = try Making() }

    @Test("a wheel's metadata is read from the middle of a zip")
    func wheel() throws {
        let bytes = try making.python(
            """
            with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('demo/data.bin', bytes(range(256)) * 4000)
                z.writestr('demo-1.0.dist-info/METADATA', 'Name: demo\\nVersion: 1.0\\n')
                z.writestr('demo/änderung.py', 'x = 1\\n')
                z.writestr('demo/stored', b'as it is', zipfile.ZIP_STORED)
            """)
        let reader = try zip(bytes)
        let metadata = try #require(try reader.member("demo-1.0.dist-info/METADATA"))
        #expect(metadata.kind == .file)
        #expect(metadata.size == 24)
        #expect(try reader.text() == "Name: demo\nVersion: 1.0\n")
        #expect(try zip(bytes).member("demo/änderung.py") != nil)
        let stored = try zip(bytes)
        _ = try stored.member("demo/stored")
        #expect(try stored.text() == "as it is")
    }

    @Test("a zip is what its central directory says, not what lies between")
    func hiddenEntry() throws {
        let bytes = try making.python(
            """
            with zipfile.ZipFile(out, 'w') as z:
                z.writestr('hidden', 'secret')
                z.writestr('shown', 'x')
                z.filelist.pop(0)
            """)
        #expect(try zip(bytes).next()?.text == "shown")
        #expect(try zip(bytes).member("hidden") == nil)
    }

    @Test("an sdist is read whatever it is compressed with", arguments: ["gz", "bz2", "xz"])
    func sdist(compression: String) throws {
        let bytes = try making.python(
            """
            with tarfile.open(out, 'w:\(compression)') as t:
                t.addfile(plain('demo-1.0/data', 300000), io.BytesIO(b'x' * 300000))
                t.addfile(plain('demo-1.0/PKG-INFO', 11), io.BytesIO(b'Name: demo\\n'))
                t.addfile(plain('demo-1.0/link', 0, tarfile.SYMTYPE, '/etc/passwd'))
                t.addfile(plain('demo-1.0/hard', 0, tarfile.LNKTYPE, 'demo-1.0/data'))
                t.addfile(plain('demo-1.0/' + 'ü' * 90, 1), io.BytesIO(b'y'))
                t.addfile(plain('demo-1.0/dir', 0, tarfile.DIRTYPE))
            """)
        let reader = try ArchiveReader(.tar, from: stream(bytes))
        #expect(try reader.member("demo-1.0/PKG-INFO")?.size == 11)
        #expect(try reader.text() == "Name: demo\n")
        #expect(try reader.next()?.kind == .link)
        #expect(try reader.next()?.kind == .link)
        #expect(try reader.next()?.text == "demo-1.0/" + String(repeating: "ü", count: 90))
        #expect(try reader.next()?.kind == .directory)
        #expect(try reader.next() == nil)
    }

    @Test("the control file of a .deb is read through both of its archives", arguments: ["gzip", "xz", "zstd", "none"])
    func deb(compression: String) throws {
        let root = making.directory.path("root")
        _ = try making.directory.write(
            "Package: demo\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n",
            to: "root/DEBIAN/control")
        let out = making.directory.path("demo.deb")
        let type = compression
        if type == "zstd" {
            // dpkg-deb of Debian 12 writes all but this one.
            let parts = """
                set -e; cd '\(making.directory.path)'; printf '2.0\\n' > debian-binary
                tar -C root/DEBIAN -c ./control | zstd -q > control.tar.zst
                printf '' | zstd -q > data.tar.zst; ar qc demo.deb debian-binary control.tar.zst data.tar.zst
                """
            try Subprocess.run(["sh", "-c", parts]).checked()
        } else {
            try Subprocess.run(["dpkg-deb", "--root-owner-group", "-Z\(type)", "-b", root, out]).checked()
        }
        let outer = try ArchiveReader(.ar, from: stream(try Files.read(out)))
        #expect(try outer.next()?.text == "debian-binary")
        #expect(try outer.next()?.text.hasPrefix("control.tar") == true)
        let inner = try ArchiveReader(.tar) { try outer.read(into: $0) }
        #expect(try inner.member("./control") != nil)
        #expect(try inner.text().hasPrefix("Package: demo\n"))
    }

    @Test("bytes that are no archive, and archives that end early, are errors")
    func damaged() throws {
        let good = try making.python(
            """
            with tarfile.open(out, 'w:gz') as t:
                t.addfile(plain('a', 300000), io.BytesIO(bytes(x * x % 251 for x in range(300000))))
            """)
        let noise = [UInt8](repeating: 0x41, count: 5000)
        for bytes in [noise, [], Array(good.prefix(good.count / 2))] {
            #expect(
                code {
                    let reader = try ArchiveReader(.tar, from: stream(bytes))
                    while try reader.next() != nil { _ = try reader.readAll(limit: 1 << 20) }
                } == .malformed)
        }
        #expect(code { _ = try zip(noise).next() } == .malformed)
        #expect(code { _ = try ArchiveReader(.ar, from: stream(noise)).next() } == .malformed)
    }

    @Test("a bomb is cut at the limit, read or skipped")
    func bombs() throws {
        let tar = try making.python(
            """
            with tarfile.open(out, 'w:gz') as t:
                t.addfile(plain('zeros', 60000000), io.BytesIO(b'\\0' * 60000000))
                t.addfile(plain('after', 0))
            """)
        #expect(tar.count < 100_000)
        let limits = ArchiveLimits(bytes: 1 << 20)
        #expect(
            code {
                let reader = try ArchiveReader(.tar, limits: limits, from: stream(tar, piece: 100_000))
                while try reader.next() != nil {}
            } == .tooLarge)
        let packed = try making.python(
            """
            with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('zeros', b'\\0' * 60000000)
            """)
        let reader = try zip(packed, limits: limits)
        _ = try reader.next()
        #expect(code { _ = try reader.readAll(limit: 1 << 30) } == .tooLarge)
        let few = try zip(packed)
        _ = try few.next()
        #expect(code { _ = try few.readAll(limit: 1000) } == .tooLarge)
    }

    @Test("too many members are refused")
    func members() throws {
        let bytes = try making.python(
            """
            with tarfile.open(out, 'w') as t:
                for i in range(20): t.addfile(plain('f%d' % i, 0))
            """)
        let reader = try ArchiveReader(.tar, limits: ArchiveLimits(members: 10), from: stream(bytes))
        #expect(code { while try reader.next() != nil {} } == .tooLarge)
    }

    @Test("the error of the source comes through as it was")
    func sourceError() throws {
        #expect(
            code { _ = try ArchiveReader(.tar) { _ in throw ChantalError(.network, "gone") } } == .network)
    }
}
