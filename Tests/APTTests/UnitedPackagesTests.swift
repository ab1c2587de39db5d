import Basics
import Hashing
import Mirroring
import Testing

@testable import APT

@Suite("Packages of several archives")
struct UnitedPackagesTests {
    /// A member whose state holds files of the given content.
    private func member(_ name: String, _ files: [String: String]) throws -> ViewMember {
        let entries = try files.map { path, content in
            ManifestEntry(
                path: try RepositoryPath(path), digest: sha256(of: Array(content.utf8)),
                size: Int64(content.utf8.count), role: .package)
        }
        let manifest = try Manifest(entries)
        let record = GenerationRecord(
            number: 1, type: "apt", manifest: manifest.id, tree: "", selection: manifest.id,
            createdAt: Timestamp(seconds: 0), upstream: [], configDigest: manifest.id, packages: 0, files: 0, bytes: 0,
            verified: true)
        return ViewMember(
            name: name, record: record,
            state: StateReader(repository: name, manifest: manifest) { throw ChantalError(.missing, "\($0)") })
    }

    private func stanzas(_ text: String, _ body: (Stanza) throws -> Void) throws {
        var scanner = StanzaScanner(file: "index")
        try Array(text.utf8).withUnsafeBytes { try scanner.write($0, body) }
        try scanner.finish(body)
    }

    private func binary(_ name: String, _ version: String = "1", at path: String) -> String {
        "Package: \(name)\nVersion: \(version)\nArchitecture: amd64\nFilename: \(path)\nSize: 1\nSHA256: \(hash)\n\n"
    }

    private func source(_ version: String, in directory: String?) -> String {
        "Package: src\nVersion: \(version)\n" + (directory.map { "Directory: \($0)\n" } ?? "")
            + "Checksums-Sha256:\n \(hash) 1 src_1.orig.tar.gz\n \(hash) 1 src_\(version).dsc\n\n"
    }

    private let hash = sha256(of: [1]).hex

    /// What becomes of each stanza: `-` if it is left out, its new place, or `=`.
    private func take(
        _ text: String, of member: ViewMember, isSource: Bool = false, index: String = "main/Packages",
        _ packages: inout UnitedPackages
    ) throws -> [String] {
        var result: [String] = []
        packages.begin(member)
        packages.beginIndex(try RepositoryPath(index))
        try stanzas(text) { stanza in
            let taken = try packages.take(stanza, isSource: isSource, file: "index")
            result.append(taken.map { $0.movedTo?.description ?? "=" } ?? "-")
        }
        return result
    }

    @Test("the first member's package counts; other versions, and equal bytes, are no conflict")
    func priority() throws {
        let a = try member("a", ["pool/x.deb": "1", "pool/y.deb": "2"])
        let b = try member("b", ["pool/x.deb": "other", "pool/y.deb": "2", "pool/x2.deb": "3"])
        var packages = UnitedPackages(reserved: [])
        packages.beginSuite()
        let first = binary("x", at: "pool/x.deb") + binary("y", at: "pool/y.deb") + binary("gone", at: "pool/gone.deb")
        #expect(try take(first, of: a, &packages) == ["=", "=", "-"])
        let second = binary("x", at: "pool/x.deb") + binary("y", at: "pool/y.deb") + binary("x", "2", at: "pool/x2.deb")
        #expect(try take(second, of: b, &packages) == ["-", "-", "="])
        #expect(try take(second, of: b, index: "main/other/Packages", &packages) == ["-", "=", "="])
        #expect(packages.count == 3 && packages.files.count == 3)
        let warnings = packages.disputed.warnings()
        #expect(warnings.count == 1 && warnings[0].contains("'x' 1 (amd64) of 'b' and 1 other"))
        #expect(packages.disputed.warnings { $0 == "x" }.count == 1 && packages.disputed.warnings { $0 == "y" }.isEmpty)
        // Another suite may hold the other one: it lies elsewhere.
        packages.beginSuite()
        #expect(try take(second, of: b, &packages) == ["b/pool/x.deb", "=", "="])
        #expect(packages.files[try RepositoryPath("pool/x.deb")]?.digest == sha256(of: Array("1".utf8)))
    }

    @Test("the files of a source package stay together, and one without Directory is given one if it moves")
    func sources() throws {
        let a = try member(
            "a",
            ["pool/s/src_1.orig.tar.gz": "1", "pool/s/src_1-1.dsc": "d", "src_1.orig.tar.gz": "f", "src_1-1.dsc": "e"])
        let b = try member(
            "b",
            ["pool/s/src_1.orig.tar.gz": "2", "pool/s/src_1-2.dsc": "d", "src_1.orig.tar.gz": "g", "src_1-2.dsc": "h"])
        var packages = UnitedPackages(reserved: [])
        packages.beginSuite()
        #expect(try take(source("1-1", in: "pool/s"), of: a, isSource: true, &packages) == ["="])
        #expect(try take(source("1-2", in: "pool/s"), of: b, isSource: true, &packages) == ["b/pool/s"])
        packages.beginSuite()
        #expect(try take(source("1-1", in: nil), of: a, isSource: true, &packages) == ["="])
        #expect(try take(source("1-2", in: nil), of: b, isSource: true, &packages) == ["b"])
        var writer = StanzaWriter()
        try stanzas(source("1-2", in: nil)) { stanza in
            writer.append(stanza, replacing: (.directory, try RepositoryPath("b")))
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self).hasSuffix("src_1-2.dsc\nDirectory: b\n\n"))
        #expect(packages.count == 4)
    }

    @Test("what an upstream has below dists lies in the pool, and nothing takes the place of metadata")
    func places() throws {
        let a = try member("a", ["dists/stable/x.deb": "1", "Packages/x.deb": "2"])
        var packages = UnitedPackages(reserved: [try RepositoryPath("dists"), try RepositoryPath("Packages")])
        packages.beginSuite()
        let text = binary("x", at: "dists/stable/x.deb") + binary("x", "2", at: "./Packages/x.deb")
        #expect(try take(text, of: a, &packages) == ["pool/stable/x.deb", "a/Packages/x.deb"])
    }
}
