import Basics
import Compression
import Testing

@testable import APT

/// A Release file that lists these paths.
private func listing(_ fields: String, _ paths: [String]) throws -> ReleaseFile {
    let hash = String(repeating: "5d", count: 32)
    return try release(fields + "SHA256:\n" + paths.map { " \(hash) 10 \($0)\n" }.joined())
}

private let debian = [
    "Release", "contrib/binary-amd64/Packages", "main/Contents-all.gz", "main/Contents-amd64.gz",
    "main/Contents-arm64.gz",
    "main/Contents-source.gz", "main/Contents-udeb-amd64.gz", "Contents-amd64.gz", "main/binary-all/Packages.xz",
    "main/binary-all/Release", "main/binary-amd64/Packages", "main/binary-amd64/Packages.gz",
    "main/binary-amd64/Packages.xz",
    "main/binary-amd64/Release", "main/binary-amd64/Packages.diff/Index", "main/binary-arm64/Packages.xz",
    "main/debian-installer/binary-amd64/Packages.gz", "main/dep11/Components-amd64.yml.xz",
    "main/dep11/Components-arm64.yml.xz", "main/dep11/icons-64x64.tar.gz", "main/dep11/icons-64x64.tar",
    "main/cnf/Commands-amd64.xz", "main/cnf/Commands-arm64.xz", "main/i18n/Translation-en.bz2",
    "main/i18n/Translation-de.bz2",
    "main/i18n/Translation-en.diff/Index", "main/installer-amd64/current/images/SHA256SUMS", "main/source/Sources.xz",
    "main/source/Release", "main/uefi/grub2-amd64/current/x.sig", "main/uefi/grub2-arm64/current/x.sig",
]

@Suite struct IndexSelectionTests {
    static let fields =
        "Architectures: all amd64 arm64\nComponents: main contrib\nNo-Support-for-Architecture-all: Packages\n"

    func select(_ change: (inout IndexChoices) -> Void) throws -> [String] {
        var choices = IndexChoices()
        change(&choices)
        let release = try listing(IndexSelectionTests.fields, debian)
        return IndexSelection(release, choices, isFlat: false).indexes.map(\.plain.description)
    }

    @Test("by default everything but sources, udebs, installer and patches belongs to the mirror")
    func defaults() throws {
        let found = try select { _ in }
        #expect(
            found == [
                "contrib/binary-amd64/Packages", "main/Contents-all", "main/Contents-amd64", "main/Contents-arm64",
                "Contents-amd64", "main/binary-all/Packages", "main/binary-all/Release", "main/binary-amd64/Packages",
                "main/binary-amd64/Release", "main/binary-arm64/Packages", "main/dep11/Components-amd64.yml",
                "main/dep11/Components-arm64.yml", "main/dep11/icons-64x64.tar", "main/cnf/Commands-amd64",
                "main/cnf/Commands-arm64", "main/i18n/Translation-en", "main/i18n/Translation-de",
                "main/uefi/grub2-amd64/current/x.sig", "main/uefi/grub2-arm64/current/x.sig",
            ])
    }

    @Test("each choice adds or takes what it names")
    func choices() throws {
        let all = try select { _ in }
        func change(_ body: (inout IndexChoices) -> Void) throws -> (added: [String], gone: [String]) {
            let found = try select(body)
            return (found.filter { !all.contains($0) }, all.filter { !found.contains($0) })
        }
        #expect(
            try change { $0.sources = true }.added == [
                "main/Contents-source", "main/source/Sources", "main/source/Release",
            ])
        #expect(
            try change { $0.udebs = true }.added
                == ["main/Contents-udeb-amd64", "main/debian-installer/binary-amd64/Packages"])
        #expect(try change { $0.installer = true }.added == ["main/installer-amd64/current/images/SHA256SUMS"])
        #expect(
            try change { $0.pdiffs = true }.added
                == ["main/binary-amd64/Packages.diff/Index", "main/i18n/Translation-en.diff/Index"])
        #expect(
            try change { $0.contents = false }.gone
                == ["main/Contents-all", "main/Contents-amd64", "main/Contents-arm64", "Contents-amd64"])
        #expect(try change { $0.translations = ["de"] }.gone == ["main/i18n/Translation-en"])
        #expect(try change { $0.components = ["main"] }.gone == ["contrib/binary-amd64/Packages"])
    }

    @Test("an architecture brings 'all' with it, but not the Packages that its own already hold")
    func architectures() throws {
        let found = try select { $0.architectures = ["amd64"] }
        #expect(!found.contains { $0.contains("arm64") })
        #expect(found.contains("main/Contents-all") && found.contains("main/binary-amd64/Packages"))
        #expect(!found.contains("main/binary-all/Packages"))
        #expect(try select { $0.architectures = ["amd64", "all"] }.contains("main/binary-all/Packages"))
        let own = try listing(
            "Architectures: all amd64\nComponents: main\n", ["main/binary-all/Packages", "main/binary-amd64/Packages"])
        var choices = IndexChoices()
        choices.architectures = ["amd64"]
        #expect(IndexSelection(own, choices, isFlat: false).indexes.count == 2)
    }

    @Test("forms of one index are grouped, the cheapest to decode first")
    func forms() throws {
        let release = try listing(IndexSelectionTests.fields, debian)
        let selection = IndexSelection(release, IndexChoices(), isFlat: false)
        let index = try #require(selection.indexes.first { $0.plain.description == "main/binary-amd64/Packages" })
        #expect(index.forms.map(\.format) == [.none, .gzip, .xz])
        #expect(index.kind == .packages && index.component == "main" && index.architecture == "amd64")
        #expect(index.plainSize == 10)
    }

    @Test("components with a slash go by both names", arguments: ["main", "updates/main"])
    func slashes(wanted: String) throws {
        var choices = IndexChoices()
        choices.components = [wanted]
        choices.architectures = ["amd64"]
        let security = try listing(
            "Architectures: amd64\nComponents: updates/main updates/contrib\n",
            ["main/binary-amd64/Packages", "contrib/binary-amd64/Packages", "main/binary-all/Packages"])
        let found = IndexSelection(security, choices, isFlat: false)
        #expect(found.indexes.map(\.plain.description) == ["main/binary-amd64/Packages", "main/binary-all/Packages"])
        #expect(found.unknownComponents.isEmpty)
        let old = try listing(
            "Architectures: amd64\nComponents: updates/main\n",
            ["updates/main/binary-amd64/Packages", "updates/contrib/binary-amd64/Packages"])
        let older = IndexSelection(old, choices, isFlat: false)
        #expect(older.indexes.map(\.component) == ["updates/main"])
    }

    @Test("architecture variants pass through")
    func variants() throws {
        var choices = IndexChoices()
        choices.architectures = ["amd64v3"]
        let release = try listing(
            "Architectures: amd64 amd64v3\nComponents: main\n",
            [
                "main/binary-amd64/Packages", "main/binary-amd64v3/Packages", "main/Contents-amd64v3.gz",
                "main/cnf/Commands-amd64v3",
            ])
        let found = IndexSelection(release, choices, isFlat: false)
        #expect(
            found.indexes.map(\.plain.description)
                == ["main/binary-amd64v3/Packages", "main/Contents-amd64v3", "main/cnf/Commands-amd64v3"])
        #expect(found.unknownArchitectures.isEmpty)
    }

    @Test("what a suite does not have is said")
    func unknown() throws {
        var choices = IndexChoices()
        choices.components = ["main", "universe"]
        choices.architectures = ["amd64", "riscv64"]
        let found = IndexSelection(try listing(IndexSelectionTests.fields, debian), choices, isFlat: false)
        #expect(found.unknownComponents == ["universe"] && found.unknownArchitectures == ["riscv64"])
    }

    @Test("a flat repository is taken whole, whatever components and architectures are named")
    func flat() throws {
        var choices = IndexChoices()
        choices.components = ["main"]
        choices.architectures = ["arm64"]
        choices.sources = true
        let release = try listing(
            "", ["Packages", "Packages.gz", "Sources.gz", "Release", "Contents-amd64", "Translation-en"])
        let found = IndexSelection(release, choices, isFlat: true)
        #expect(
            found.indexes.map(\.kind)
                == [.packages, .sources, .contents, .translation(language: "en")])
        #expect(found.unknownComponents.isEmpty && found.unknownArchitectures.isEmpty)
    }
}
