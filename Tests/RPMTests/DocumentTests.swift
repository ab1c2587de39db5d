import Basics
import Foundation
import TestSupport
import Testing

@testable import RPM

@Suite("comps", .enabled(if: Fixtures.arePresent))
struct CompsTests {
    private func comps(_ name: String) throws -> Comps { try Comps(Files.read(Fixtures.path(name)), file: name) }

    private let sample = """
        <?xml version="1.0"?>
        <!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
        <comps>
          <group><id>a</id><name>Group A</name><name xml:lang="de">Gruppe Ä &amp; Co</name><packagelist>
            <packagereq type="mandatory">one</packagereq><packagereq type="conditional" requires="x">two</packagereq>
          </packagelist></group>
          <group><id>b</id><name>Group B</name><packagelist><packagereq>three</packagereq></packagelist></group>
          <category><id>c</id><grouplist><groupid>a</groupid><groupid>b</groupid></grouplist></category>
          <category><id>d</id><grouplist><groupid>b</groupid></grouplist></category>
          <environment><id>e</id><name>Env</name><grouplist><groupid>a</groupid></grouplist>
            <optionlist><groupid default="true">b</groupid></optionlist></environment>
          <environment><id>f</id><grouplist><groupid>b</groupid></grouplist>
            <optionlist><groupid>a</groupid></optionlist></environment>
          <langpacks><match name="one" install="one-%s"/><match name="three" install="three-%s"/></langpacks>
        </comps>
        """

    /// What libcomps, which dnf reads with, finds.
    private func libcomps(_ bytes: [UInt8]) throws -> String {
        let directory = try TemporaryDirectory("comps")
        let path = try directory.write(bytes, to: "comps.xml")
        let script = """
            import libcomps, sys
            c = libcomps.Comps()
            assert c.fromxml_f(sys.argv[1]) in (0, 1)
            print(c.xml_str())
            """
        return try Subprocess.run(["/usr/bin/python3", "-c", script, path]).checked().stdout
    }

    @Test("real documents are written with everything that libcomps reads in them, and always as the same bytes")
    func roundTrip() throws {
        let folder = "createrepo_c/tests/testdata"
        for name in [
            "\(folder)/comps_files/comps_00.xml", "\(folder)/other_metadata/comps-f19.xml",
            "\(folder)/repo_with_additional_metadata/repodata/04460bfaf6cb5af6b0925d8c99401a44e5192d287796aed4cced5f7ce881761f-comps.f20.xml",
            "librepo/tests/test_data/repo_yum_02/repodata/5b3b362d644e8fa3b359db57be0ff5de8a08365ce9a59cddc3205244a968231e-comps.xml",
        ] {
            let bytes = try comps(name).bytes()
            #expect(try Comps(bytes, file: "again").bytes() == bytes)
            #expect(try libcomps(bytes) == libcomps(Files.read(Fixtures.path(name))), "\(name)")
        }
    }

    @Test("absent packages go, then groups without packages, then categories and environments without groups")
    func filtered() throws {
        let comps = try Comps(Array(sample.utf8), file: "c")
        let kept = comps.filtered { $0 == "two" || $0 == "one" }
        #expect(kept.groups.map(\.id) == ["a"])
        let read = try libcomps(kept.bytes())
        #expect(read.contains("<id>c</id>") && !read.contains("<id>d</id>") && !read.contains("<groupid>b"))
        #expect(read.contains("<id>e</id>") && !read.contains("<id>f</id>"))
        #expect(read.contains("Gruppe Ä &amp; Co") && read.contains("requires=\"x\""))
        #expect(read.contains("one-%s") && !read.contains("three"))
        #expect(comps.filtered { _ in false }.isEmpty)
        #expect(comps.filtered { _ in true }.bytes() == comps.bytes())
    }

    @Test("groups are found by id and name, environments by their groups")
    func packages() throws {
        let comps = try Comps(Array(sample.utf8), file: "c")
        #expect(comps.packages(of: "a") == ["one", "two"])
        #expect(comps.packages(of: "Group B") == ["three"])
        #expect(comps.packages(of: "Env") == ["one", "two"])
        #expect(comps.packages(of: "nothing") == nil)
    }

    @Test("several documents become one, with all packages of a group")
    func merged() throws {
        let other = sample.replacingOccurrences(of: "two", with: "four").replacingOccurrences(
            of: "<id>b</id>", with: "<id>g</id>")
        let comps = try #require(
            Comps.merged([Comps(Array(sample.utf8), file: "c"), Comps(Array(other.utf8), file: "d")]))
        #expect(comps.groups.map(\.id) == ["a", "b", "g"])
        #expect(comps.packages(of: "a") == ["one", "two", "four"])
    }

    @Test("a document type with declarations of its own is refused, and so is what is no comps")
    func refused() throws {
        let entity =
            "<!DOCTYPE comps [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><comps><group><id>&x;</id></group></comps>"
        #expect(problem { _ = try Comps(Array(entity.utf8), file: "c") }?.code == .malformed)
        #expect(problem { _ = try Comps(Array("<html></html>".utf8), file: "c") }?.code == .malformed)
    }
}

@Suite("updateinfo", .enabled(if: Fixtures.arePresent))
struct UpdateInfoTests {
    private func info(_ texts: String...) -> UpdateInfo {
        UpdateInfo(
            texts.enumerated().map { index, text in
                ("u\(index)", { body in try Array(text.utf8).withUnsafeBytes(body) })
            })
    }

    private func written(_ info: UpdateInfo, keeping isKept: (AdvisoryPackage) -> Bool = { _ in true }) throws -> String
    {
        var bytes: [UInt8] = []
        let count = try info.write(keeping: isKept) { bytes += $0 }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.components(separatedBy: "<update ").count == count + 1)
        return text
    }

    /// What createrepo_c's reader finds.
    private func createrepo(_ text: String) throws -> String {
        let directory = try TemporaryDirectory("updates")
        let path = try directory.write(text, to: "updateinfo.xml")
        let script = """
            import createrepo_c, sys
            def value(x, name):
                try: return str(getattr(x, name))
                except createrepo_c.CreaterepoCError as error: return str(error)
            def show(x, names): return {n: value(x, n) for n in names.split()}
            for u in createrepo_c.UpdateInfo(sys.argv[1]).updates:
                print(show(u, 'fromstr status type version id title issued_date updated_date rights release pushcount severity '
                    'summary description solution reboot_suggested'))
                for r in u.references: print('  ', show(r, 'href id type title'))
                for c in u.collections:
                    print('  ', show(c, 'shortname name'), c.module and show(c.module, 'name stream version context arch'))
                    for p in c.packages: print('    ', show(p, 'name version release epoch arch src filename sum sum_type '
                        'reboot_suggested restart_suggested relogin_suggested'))
            """
        return try Subprocess.run(["/usr/bin/python3", "-c", script, path]).checked().stdout
    }

    @Test("real documents are written with everything that createrepo_c reads in them, and always as the same bytes")
    func roundTrip() throws {
        let folder = "createrepo_c/tests/testdata"
        for name in [
            "\(folder)/updateinfo_files/updateinfo_01.xml", "\(folder)/updateinfo_files/updateinfo_03.xml",
            "\(folder)/modified_repo_files/updateinfo_ampersand.xml",
        ] {
            let source = try Files.text(Fixtures.path(name))
            let text = try written(info(source))
            #expect(try createrepo(text) == createrepo(source), "\(name)")
            #expect(try written(info(text)) == text)
        }
        #expect(
            try written(info(Files.text(Fixtures.path("\(folder)/updateinfo_files/updateinfo_00.xml")))).hasSuffix(
                "<updates>\n</updates>\n"))
    }

    private func update(
        _ id: String, updated: String = "2020-01-01 00:00:00", version: String = "1", packages: String...
    ) -> String {
        "<updates><update type=\"security\" version=\"\(version)\"><id>\(id)</id><issued date=\"2019-01-01\"/>"
            + "<updated date=\"\(updated)\"/><pkglist><collection><name>c</name>"
            + packages.map {
                "<package name=\"\($0)\" epoch=\"1\" version=\"2\" release=\"3\" arch=\"noarch\"><filename>\($0)-2-3.noarch.rpm</filename></package>"
            }.joined() + "</collection></pkglist></update></updates>"
    }

    @Test("absent packages go, then advisories without packages")
    func filtered() throws {
        var kept = KeptPackages()
        kept.insert(name: "a", epoch: "1", version: "2", release: "3", architecture: "noarch", location: "p/a.rpm")
        // Named by its file alone.
        kept.insert(
            name: "b", epoch: "0", version: "2", release: "3", architecture: "noarch", location: "p/b-2-3.noarch.rpm")
        let info = info(update("one", packages: "a", "c"), update("two", packages: "c"), update("three", packages: "b"))
        let text = try written(info) { kept.contains($0) }
        #expect(text.contains("<id>one</id>") && text.contains("<id>three</id>") && !text.contains("<id>two</id>"))
        #expect(!text.contains("name=\"c\""))
        var seen: [String] = []
        try info.read { seen.append("\($0.id) \($0.kind) \($0.packages.map(\.nevra)) \($0.issuedAt?.date ?? "")") }
        #expect(seen.first == "one security [\"a-1:2-3.noarch\", \"c-1:2-3.noarch\"] 2019-01-01")
    }

    @Test("of one id the newest edition counts, then the higher version; editions that are alike become one")
    func editions() throws {
        let newest = try written(
            info(
                update("x", updated: "2020-01-02", packages: "new"),
                update("x", updated: "2019-05-05 10:00:00", version: "9", packages: "old")))
        #expect(newest.contains("name=\"new\"") && !newest.contains("name=\"old\""))
        let seconds = try written(
            info(update("x", packages: "old"), update("x", updated: "1700000000", packages: "new")))
        #expect(seconds.contains("name=\"new\"") && !seconds.contains("name=\"old\""))
        let higher = try written(
            info(update("x", version: "9", packages: "old"), update("x", version: "10", packages: "new")))
        #expect(higher.contains("name=\"new\"") && !higher.contains("name=\"old\""))
        let alike = try written(
            info(update("x", packages: "a", "b"), update("x", packages: "b", "c"), update("y", packages: "d")))
        for name in ["a", "b", "c", "d"] { #expect(alike.components(separatedBy: "name=\"\(name)\"").count == 2) }
        #expect(alike.components(separatedBy: "<id>x</id>").count == 2)
        // The newest edition decides even where its packages are absent.
        let gone = try written(info(update("x", updated: "2021-01-01", packages: "new"), update("x", packages: "old")))
        { $0.name == "old" }
        #expect(!gone.contains("<update "))
    }

    /// What this thread has computed, whatever else runs on the machine.
    private func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test("the time that equal editions take grows with their number, not with its square")
    func manyEditions() throws {
        func seconds(_ count: Int) throws -> Double {
            let text =
                "<updates>"
                + (0..<count).map { number in
                    update("x", packages: "shared", "p\(number)")
                        .replacingOccurrences(of: "<updates>", with: "").replacingOccurrences(
                            of: "</updates>", with: "")
                }.joined() + "</updates>"
            let info = info(text)
            let start = threadSeconds()
            let merged = try written(info)
            let taken = threadSeconds() - start
            #expect(merged.components(separatedBy: "<id>x</id>").count == 2)
            #expect(merged.components(separatedBy: "<package ").count == count + 2)
            return taken
        }
        // Sixteen times as many would take some 256 times as long if each looked at all before it.
        let (few, many) = (try seconds(200), try seconds(3200))
        #expect(many < 40 * few, "\(few) s, \(many) s")
    }

    @Test("damaged documents are refused with their line")
    func refused() throws {
        let problem = problem { _ = try written(info("<updates>\n<update>\n</updates>")) }
        #expect(problem?.code == .malformed && problem?.message.contains("3") == true)
        #expect(RPMTests.problem { _ = try written(info("<html></html>")) }?.code == .malformed)
    }
}
