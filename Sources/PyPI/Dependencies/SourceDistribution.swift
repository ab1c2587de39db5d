import Archive
import Basics
import Mirroring
import TOML

/// Reads what a source distribution needs (PEP 517, 518, 643).
enum SourceDistribution {
    private static let largestText = 16 << 20
    /// What is needed where pyproject.toml does not say (PEP 517, "Source trees").
    private static let oldBackend = ["setuptools>=40.8.0", "wheel"]

    /// PKG-INFO is believed whatever its version: nothing better is known without building.
    static func dependencies(_ reader: any BlobReader, _ filename: String) throws -> FileDependencies {
        var information: [UInt8]?
        var project: [UInt8]?
        let archive = try archive(of: reader, filename)
        while let member = try archive.next(), information == nil || project == nil {
            guard member.kind == .file else { continue }
            let parts = member.name.split(separator: 0x2f, omittingEmptySubsequences: true)
            guard parts.count == 2 else { continue }
            if information == nil, parts[1].elementsEqual("PKG-INFO".utf8) {
                information = try archive.readAll(limit: largestText)
            } else if project == nil, parts[1].elementsEqual("pyproject.toml".utf8) {
                project = try archive.readAll(limit: largestText)
            }
        }
        let requirements = try information.map { try DistributionMetadata($0).requirements.read } ?? []
        return FileDependencies(
            requirements: requirements, buildRequirements: try buildRequirements(project, filename))
    }

    static func archive(of reader: any BlobReader, _ filename: String) throws -> ArchiveReader {
        if filename.utf8.ends(with: ".zip") {
            return try ArchiveReader(zipOf: reader.size) { buffer, offset in
                try reader.seek(to: offset)
                return try reader.read(into: buffer)
            }
        }
        return try ArchiveReader(.tar) { try reader.read(into: $0) }
    }

    private static func buildRequirements(_ project: [UInt8]?, _ filename: String) throws -> [Requirement] {
        var texts = oldBackend
        if let project {
            let root = try TOMLDocument.parse(project, file: "pyproject.toml of \(filename)")
            if let system = root["build-system"] { texts = system["requires"]?.items?.compactMap(\.string) ?? [] }
        }
        return try texts.map { try Requirement($0) }
    }
}
