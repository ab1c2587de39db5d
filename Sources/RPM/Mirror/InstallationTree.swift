import Basics
import Mirroring

/// The tree to install from that lies around some repositories: `.treeinfo`, `.discinfo`, and the images that they list.
struct InstallationTree {
    /// The files that describe it.
    let documents: [ManifestEntry]
    let images: [PlannedFile]

    static let name = ".treeinfo"
    private static let paths = [".treeinfo", "treeinfo", ".discinfo"].map { RepositoryPath(trusted: Array($0.utf8)) }
    private static let sizeLimit: Int64 = 4 << 20

    /// - Returns: nil if upstream has none.
    static func read(_ session: SyncSession) throws -> InstallationTree? {
        let found = try session.fetch(paths.map { MetadataRequest(source: $0, sizeLimit: sizeLimit) })
        var documents: [ManifestEntry] = []
        var images: [PlannedFile] = []
        for (path, outcome) in zip(paths, found) {
            switch outcome {
            case .success(let file):
                documents.append(ManifestEntry(path, file, role: .pointer))
                if path == paths[2] || !images.isEmpty { continue }
                let bytes = try session.readAll(file.digest, limit: Int(sizeLimit))
                images = try TreeInfo(bytes, file: path.description).images
            case .failure(let error): if error.code != .missing { throw error }
            }
        }
        return documents.isEmpty ? nil : InstallationTree(documents: documents, images: images)
    }
}

/// A `.treeinfo` file: sections with keys, as productmd writes it.
struct TreeInfo {
    /// Every file that is listed, those of repodata left out: repomd.xml describes them, and is signed.
    let images: [PlannedFile]

    /// - Throws: ``ChantalError`` `malformed` or `unsafe_path`, naming the file and the line.
    init(_ bytes: [UInt8], file: String) throws {
        var checksums: [RepositoryPath: Checksum] = [:]
        var order: [RepositoryPath] = []
        var section = ""
        var number = 0
        let lines = String(decoding: bytes, as: UTF8.self)
            // A character of its own, and no "\n".
            .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for line in lines {
            number += 1
            let line = line.trimmingBlanks
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
                continue
            }
            guard let equals = line.firstIndex(of: "=") ?? line.firstIndex(of: ":") else {
                // productmd's lists go on in lines of their own.
                continue
            }
            let key = line[..<equals].trimmingBlanks
            let value = line[line.index(after: equals)...].trimmingBlanks
            do {
                if section == "checksums" {
                    let path = try TreeInfo.path(key)
                    checksums[path] = try TreeInfo.checksum(value, of: key)
                    order.append(path)
                } else if section == "stage2" || section.hasPrefix("images-"), !value.isEmpty {
                    order.append(try TreeInfo.path(value))
                }
            } catch {
                throw ChantalError.wrap(error).within("'\(file)', line \(number)")
            }
        }
        var seen: Set<RepositoryPath> = []
        images = order.compactMap { path in
            guard seen.insert(path).inserted, !path.bytes.starts(with: "repodata/".utf8) else { return nil }
            guard let checksum = checksums[path] else {
                return PlannedFile(
                    source: path, path: path, size: nil, sizeLimit: RecordReader.openLimit, sha256: nil,
                    isPackage: false)
            }
            return PlannedFile(path, size: nil, checksum, isPackage: false)
        }
    }

    private static func path(_ text: Substring) throws -> RepositoryPath {
        try Array(text.utf8).withUnsafeBytes { try Location(href: $0, base: nil).path }
    }

    /// `sha256:abc…`
    private static func checksum(_ text: Substring, of key: Substring) throws -> Checksum {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw ChantalError(.malformed, "the checksum of '\(key)' is none: '\(text)'") }
        return try Array(parts[0].utf8).withUnsafeBytes { type in
            try Array(parts[1].utf8).withUnsafeBytes { try Checksum(type: type, hex: $0, of: "'\(key)'") }
        }
    }
}
