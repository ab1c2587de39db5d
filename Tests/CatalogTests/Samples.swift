import Basics
import Foundation

@testable import Catalog

/// A directory of its own that is removed at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "catalog-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var catalog: String { path + "/catalog.sqlite" }
}

enum Sample {
    /// A digest that stands for a number or a word.
    static func digest(_ seed: some Hashable & CustomStringConvertible) -> Digest {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in seed.description.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var bytes: [UInt8] = []
        for _ in 0..<4 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
        }
        return bytes.withUnsafeBytes { Digest(bytes: $0)! }
    }

    static func row(
        _ name: String, _ version: String = "1.0", architecture: String = "amd64", group: String = "stable/main",
        summary: String = "a thing", alias: Checksum? = nil
    ) -> PackageRow {
        PackageRow(
            name: name, version: version, architecture: architecture, group: group, summary: summary,
            digest: digest("\(name) \(version) \(architecture)"), path: "pool/\(name)_\(version)_\(architecture).deb",
            size: Int64(name.utf8.count * 1000), alias: alias)
    }
}

extension PackageCatalog {
    @discardableResult
    func index(
        _ repository: String, _ number: Int, _ rows: [PackageRow], type: String = "apt", manifest: String? = nil
    ) throws -> IndexSummary {
        let indexer = try beginGeneration(
            repository: repository, type: type, number: number,
            manifest: Sample.digest(manifest ?? "\(repository)@\(number)"))
        for row in rows { try indexer.add(row) }
        return try indexer.finish()
    }

    func packages(_ repository: String, _ number: Int) throws -> [PackageRow] {
        var rows: [PackageRow] = []
        try forEachPackage(of: RepositoryState(repository: repository, generation: number)) { rows.append($0) }
        return rows
    }
}
