import Foundation
import TestSupport
import Testing

@Suite("Bundles that are damaged or forged")
struct HostileBundleTests {
    private func outside() throws -> (MirrorSite, String) {
        let site = try MirrorSite()
        try site.sync()
        #expect(try site.chantal("snapshot", "create", "debian", "first").status == 0)
        return (site, try site.export("whole.tar"))
    }

    @Test("one flipped bit, wherever it is, is refused, and nothing is changed")
    func flipped() throws {
        let (site, whole) = try outside()
        let inside = try Inside()
        let size = Int(try Files.status(whole).st_size)
        let copy = site.home.path("copy.tar")
        // Headers and contents of the first members, and a sample of all.
        let places = Array(stride(from: 0, to: 6000, by: 331)) + Array(stride(from: 6000, to: size, by: size / 25))
        for place in places {
            try Files.copy(whole, to: copy)
            try Files.flipByte(copy, at: place)
            let answer = try inside.chantal("import", copy)
            #expect(answer.status == 3, "\(place): \(answer)")
            #expect(try Files.names("\(inside.store)/repositories").isEmpty, "\(place)")
            #expect(try Files.names("\(inside.store)/public").isEmpty, "\(place)")
        }
        try inside.verify()
        try inside.take(whole)
        #expect(try inside.serves("debian", as: site))
    }

    @Test("a bundle that is cut off anywhere is refused")
    func cutOff() throws {
        let (site, whole) = try outside()
        let inside = try Inside()
        let bytes = try Files.read(whole)
        for part in [0, 1, 511, 512, 1024, 1536, 4000, bytes.count / 2, bytes.count - 1024, bytes.count - 512] {
            let copy = try site.home.write(Array(bytes.prefix(part)), to: "cut.tar")
            try inside.refuse([copy], saying: "")
        }
    }

    @Test(
        "members that do not belong into it are refused",
        arguments: [
            "members.append(['../../escaped', b'x'])", "members.append(['/tmp/escaped', b'x'])",
            "members.insert(0, ['../../escaped', b'x'])", "members.append(list(members[-1]))",
            "members.append(['blobs/sha256/00/' + '0' * 64, b'x'])",
            "i = tarfile.TarInfo('blobs/sha256/aa/link'); i.type = tarfile.SYMTYPE; i.linkname = '/etc'; special.append(i)",
            "i = tarfile.TarInfo('hard'); i.type = tarfile.LNKTYPE; i.linkname = 'BUNDLE'; special.append(i)",
            "i = tarfile.TarInfo('directory'); i.type = tarfile.DIRTYPE; special.append(i)",
            "i = tarfile.TarInfo('device'); i.type = tarfile.CHRTYPE; special.append(i)",
            "del members[-1]", "members[-1], members[-2] = members[-2], members[-1]",
            "members[-1][0] = members[-1][0].replace('blobs/', 'blobs/../blobs/')",
            "members[-1][1] += b'x'", "members[-1][1] = b'x' * len(members[-1][1])",
            "find('records/')[0][1] += b'\\n'", "find('BUNDLE')[0][1] += b'\\n'",
            "members.remove(find('SHA256SUMS')[0])",
        ])
    func members(script: String) throws {
        let (site, whole) = try outside()
        let forged = site.home.path("forged.tar")
        try Forgery.make(whole, forged, script)
        try Inside().refuse([forged], saying: "")
        #expect(!Files.exists("/tmp/escaped") && !Files.exists(site.home.path("escaped")))
    }

    /// Forgeries whose every digest fits.
    @Test(
        "what is consistent and wrong all the same is refused",
        arguments: [
            // Paths of a manifest.
            "manifest(lambda t: sort(t.replace(b' pool/', b' ../../pool/')))",
            "manifest(lambda t: sort(t.replace(b' pool/', b' /pool/')))",
            "manifest(lambda t: t.replace(b' package ', b' retained '))",
            "manifest(lambda t: t + t.split(b'\\n')[-2] + b'\\n')",
            // Names.
            "describe(lambda t: t.replace(b'generation debian', b'generation ../debian'))",
            "describe(lambda t: t.replace(b'debian', b'Debian'))",
            "describe(lambda t: t.replace(b' first\\n', b' ../first\\n'))",
            "describe(lambda t: t.replace(b'publication debian ', b'publication ../x '))",
            "describe(lambda t: t.replace(b'publication debian follows debian', b'publication debian follows other'))",
            "describe(lambda t: t.replace(b'publication debian follows debian', b'publication a/b/../c pinned debian 1'))",
            // Numbers and order.
            "describe(lambda t: t.replace(b'snapshot debian 1 ', b'snapshot debian 2 '))",
            "describe(lambda t: re.sub(rb'(blob \\w+) \\d+', rb'\\1 -1', t))",
            "describe(lambda t: re.sub(rb'(blob \\w+) \\d+', rb'\\1 99999999999999999999', t))",
            "describe(lambda t: re.sub(rb'(blob [^\\n]*\\n)', rb'\\1\\1', t, count=1))",
            "describe(lambda t: t.replace(b'volume 1 ', b'volume 2 '))",
            "describe(lambda t: t.replace(b'chantal-bundle 1', b'chantal-bundle 2'))",
            "describe(lambda t: t.replace(b'created_at ', b'created_at  '))",
            // Records.
            "record(lambda t: t.replace(b'type apt', b'type unknown'))",
            "record(lambda t: re.sub(rb'bytes \\d+', b'bytes 9223372036854775807', t))",
            "record(lambda t: t.replace(b'number 1', b'number 2'))",
            "record(lambda t: t.replace(b'verified', b'trusted'))",
        ])
    func consistent(script: String) throws {
        let (site, whole) = try outside()
        let forged = site.home.path("forged.tar")
        try Forgery.make(
            whole, forged,
            """
            def describe(change):
                bundle = find('BUNDLE')[0]
                before = bundle[1]
                bundle[1] = change(before)
                assert bundle[1] != before
                reseal()
            def swap(member, data, old, new):
                bundle = find('BUNDLE')[0]
                text = bundle[1].replace(b' %s %d\\n' % (old.encode(), len(member[1])), b' %s %d\\n' % (new.encode(), len(data)))
                assert text != bundle[1]
                bundle[1] = text
                member[1] = data
            def record(change):
                member = find('records/')[0]
                data = change(member[1])
                assert data != member[1]
                data = seal(data)
                old, new = member[0][8:], sha(data)
                swap(member, data, old, new)
                member[0] = 'records/' + new
                reseal()
            def sort(text):
                head, *lines = text.split(b'\\n')[:-1]
                return b'\\n'.join([head] + sorted(lines, key=lambda line: line.split(b' ', 3)[3])) + b'\\n'
            def manifest(change):
                member = find('manifests/')[0]
                old = member[0][10:]
                assert len(old) == 64, old
                data = change(member[1])
                assert data != member[1]
                new = sha(data)
                bundle = find('BUNDLE')[0]
                bundle[1] = bundle[1].replace(b'manifest %s plain %s %d' % (old.encode(), old.encode(), len(member[1])),
                    b'manifest %s plain %s %d' % (new.encode(), new.encode(), len(data)))
                member[0], member[1] = 'manifests/' + new, data
                record(lambda t: t.replace(old.encode(), new.encode()))
            \(script)
            """)
        let inside = try Inside()
        try inside.refuse([forged], saying: "")
        #expect(!Files.exists("\(inside.store)/pool") && !Files.exists(inside.home.path("pool")))
    }

    @Test("bombs are refused without filling memory or disk")
    func bombs() throws {
        let (site, whole) = try outside()
        let inside = try Inside()
        let bomb = site.home.path("bomb.tar")
        // A manifest of many gigabytes of one character; sizes that nothing follows.
        let scripts = [
            """
            import subprocess
            packed = subprocess.run(['sh', '-c', 'head -c 3G /dev/zero | tr "\\\\0" a | zstd -q -c'], stdout=subprocess.PIPE, check=True).stdout
            member = find('manifests/')[0]
            old = member[0][10:]
            bundle = find('BUNDLE')[0]
            bundle[1] = bundle[1].replace(b'manifest %s plain %s %d' % (old.encode(), old.encode(), len(member[1])),
                b'manifest %s zstd %s %d' % (old.encode(), sha(packed).encode(), len(packed)))
            member[0], member[1] = 'manifests/' + old + '.zst', packed
            reseal()
            """,
            "i = tarfile.TarInfo('BUNDLE'); i.size = 1 << 50; special.append(i); members[:] = members[:1]",
            "i = tarfile.TarInfo('VOLUME.1'); i.size = 1 << 40; special.append(i); members[:] = []",
        ]
        for script in scripts {
            try Forgery.make(whole, bomb, script)
            let (result, peak) = try Subprocess.runMeasuringMemory(inside.command(["import", bomb]))
            #expect(result.status == 3, "\(result.report)")
            #expect(peak < 100_000)
            #expect(result.cpuSeconds < 20)
        }
    }

    @Test("a repository of another type, and a name that another repository has, are refused")
    func names() throws {
        let (site, whole) = try outside()
        #expect(try site.chantal("publish", "debian@first", "--as", "prod/debian").status == 0)
        let published = try site.export("published.tar")
        let inside = try Inside()
        try inside.take(whole)
        #expect(try inside.chantal("repository", "rename", "debian", "prod").status == 0)
        try inside.refuse([published], saying: "'prod'")
        #expect(try inside.chantal("repository", "rename", "prod", "other").status == 0)
        #expect(try inside.chantal("publish", "other@1", "--as", "prod/debian").status == 0)
        try inside.refuse([published], saying: "published here already, from 'other'")
        #expect(try inside.chantal("import", published, "--force").status == 0)
        try inside.verify()
        #expect(try inside.serves("prod/debian", as: site))
    }

    @Test("files that are no bundle are refused with a word on what is wrong")
    func noBundle() throws {
        let (site, _) = try outside()
        let text = try site.home.write("hello\n", to: "text")
        let tar = site.home.path("other.tar")
        try Subprocess.run(["tar", "-cf", tar, "-C", site.home.path, "text"]).checked()
        let inside = try Inside()
        for file in [text, tar, try site.home.write("", to: "empty")] { try inside.refuse([file], saying: "") }
        #expect(try inside.chantal("import", site.home.path("missing.tar")).status == 1)
        #expect(try inside.chantal("import").status == 2)
    }
}
