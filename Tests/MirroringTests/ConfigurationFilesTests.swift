import Basics
import Foundation
import Testing

@testable import Mirroring

@Suite("The files of a configuration")
struct ConfigurationFilesTests {
    @Test("includes are merged in the order of their names, paths relative to the file they stand in")
    func includes() throws {
        let fixture = try ConfigurationFixture([
            "chantal.yaml":
                "include: [conf.d/*.yaml, none/*.yaml]\nstore: s\nrepositories:\n  m: {type: demo, sign: false, keyring: k}\n",
            "conf.d/b.yaml": "repositories:\n  b: {type: demo, sign: false, keyring: k}\n",
            "conf.d/a.yaml": "min_free: 1GB\nrepositories:\n  z: {type: demo, sign: false, keyring: ../k}\n",
            "conf.d/.hidden.yaml": "nonsense: [",
            "conf.d/c.txt": "nonsense: [",
        ])
        let configuration = try fixture.load()
        #expect(configuration.repositories.map(\.name) == ["m", "z", "b"])
        #expect(configuration.minFree == 1_000_000_000)
        #expect(configuration.files.map { $0.split(separator: "/").last } == ["chantal.yaml", "a.yaml", "b.yaml"])
        #expect(
            configuration.repositories.map { $0.value(DemoSettings.keyring) } == [
                "\(fixture.directory)/k", "\(fixture.directory)/conf.d/../k", "\(fixture.directory)/conf.d/k",
            ])
        #expect(configuration.repositories[2].location.description == "\(fixture.directory)/conf.d/b.yaml:2:3")
    }

    @Test("a name or a key in two files is an error that names both")
    func twice() throws {
        let fixture = try ConfigurationFixture([
            "chantal.yaml": "include: a.yaml\nstore: s\nrepositories:\n  r: {type: demo, sign: false}\n",
            "a.yaml": "store: t\nrepositories:\n  r: {type: demo, sign: false}\n",
        ])
        #expect(
            fixture.errors() == [
                "a.yaml:1:1: 'store' is given already at chantal.yaml:2:1 [keep one of the two]",
                "a.yaml:3:3: the name 'r' is taken already at chantal.yaml:4:3",
            ])
    }

    @Test("a directory's name is no pattern")
    func directories() throws {
        let fixture = try ConfigurationFixture([
            "[a]*/c.yaml": "include: \"x*.yaml\"\nstore: s\n", "[a]*/x.yaml": "min_free: 5GB\n",
            "a/x.yaml": "min_free: 6GB\n",
        ])
        let configuration = try Configuration.load(
            path: "\(fixture.directory)/[a]*/c.yaml", ecosystems: ConfigurationFixture.ecosystems, environment: [:])
        #expect(configuration.minFree == 5_000_000_000)
    }

    @Test("files that include each other are read once")
    func loops() throws {
        let fixture = try ConfigurationFixture([
            "chantal.yaml": "include: [a.yaml, ./a.yaml, \"*.yaml\"]\nstore: s\n",
            "a.yaml": "include: chantal.yaml\nrepositories:\n  r: {type: demo, sign: false}\n",
        ])
        #expect(try fixture.load().files.count == 2)
        #expect(try fixture.load().repositories.count == 1)
    }

    @Test("a file that is named and missing, and broken YAML in an included one, are errors with places")
    func broken() throws {
        let missing = try ConfigurationFixture("include: a.yaml\nstore: s\n")
        #expect(missing.errors().count == 1)
        #expect(missing.errors().first?.hasPrefix("chantal.yaml:1:1: cannot include 'a.yaml': ") == true)
        let broken = try ConfigurationFixture(["chantal.yaml": "include: a.yaml\nstore: s\n", "a.yaml": "x: [\n"])
        #expect(broken.errors().first?.hasPrefix("a.yaml:2:1: ") == true)
        let huge = try ConfigurationFixture("store: s\n")
        try huge.write("chantal.yaml", [UInt8](repeating: 0x23, count: 5 << 20))
        #expect(huge.errors().first?.hasPrefix("cannot read the configuration") == true)
    }

    @Test("the file is looked for in the order of the documentation")
    func locate() throws {
        let fixture = try ConfigurationFixture([
            "chantal.yaml": "", "xdg/chantal/chantal.yaml": "", "home/.config/chantal/chantal.yaml": "",
        ])
        let (explicit, directory) = (fixture.path, fixture.directory)
        #expect(try Configuration.locate(explicit: explicit, environment: ["CHANTAL_CONFIG": "/none"]) == explicit)
        #expect(try Configuration.locate(explicit: nil, environment: ["CHANTAL_CONFIG": explicit]) == explicit)
        #expect(
            try Configuration.locate(explicit: nil, environment: ["XDG_CONFIG_HOME": "\(directory)/xdg"])
                == "\(directory)/xdg/chantal/chantal.yaml")
        #expect(
            try Configuration.locate(explicit: nil, environment: ["HOME": "\(directory)/home"])
                == "\(directory)/home/.config/chantal/chantal.yaml")
        #expect(throws: ChantalError(.config, "")) {
            try Configuration.locate(explicit: "/none/x.yaml", environment: [:])
        }
        #expect(throws: ChantalError(.config, "")) {
            try Configuration.locate(
                explicit: nil, environment: ["CHANTAL_CONFIG": "/none", "HOME": "\(directory)/home"])
        }
    }

    @Test("files that are referred to are checked apart from the configuration")
    func references() throws {
        let fixture = try ConfigurationFixture([
            "chantal.yaml":
                "store: s\nrepositories:\n  r: {type: demo, upstream: \"https://a.test/\", keyring: k, username: u, password_file: pw}\n",
            "k": "key",
        ])
        let configuration = try fixture.load()
        #expect(
            configuration.checkFiles().map(\.description) == [
                "\(fixture.path):3:73: there is no file '\(fixture.directory)/pw'"
            ])
        try fixture.write("pw", Array("x\n".utf8))
        #expect(configuration.checkFiles().isEmpty)
    }
}
