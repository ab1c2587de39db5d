import Basics

/// The patches that the Index of an `Packages.diff` directory names (apt's pdiffs).
public enum PatchIndex {
    /// The files that clients download, relative to the directory of the Index.
    /// - Throws: ``ChantalError`` `malformed` or `unsafe_path` for lists that are none.
    public static func files(_ bytes: [UInt8], file: String) throws -> [ReleaseEntry] {
        var merged = ReleaseEntries()
        func take(_ stanza: Stanza) throws {
            for index in 0..<stanza.fieldCount {
                let name = stanza.name(index)
                let algorithm: ChecksumAlgorithm
                if name.equalsIgnoringCase("SHA256-Download") {
                    algorithm = .sha256
                } else if name.equalsIgnoringCase("SHA512-Download") {
                    algorithm = .sha512
                } else {
                    continue
                }
                try stanza.value(index).forEachLine { line in
                    if line.trimmed.isEmpty { return }
                    guard let (hash, size, path) = line.threeWords, let bytes = size.decimal,
                        let checksum = Checksum(algorithm, hexBytes: hash)
                    else {
                        throw ChantalError(
                            .malformed, "\(file) holds a list of patches that is none: '\(line.printable)'", path: file)
                    }
                    try merged.add(try RepositoryPath(path), size: bytes, checksum, file: file)
                }
            }
        }
        var scanner = StanzaScanner(file: file, limits: .release)
        try bytes.withUnsafeBytes { try scanner.write($0, take) }
        try scanner.finish(take)
        return merged.entries
    }
}

/// The files that a SHA256SUMS file names, as sha256sum(1) writes it.
public enum ChecksumList {
    public struct Entry: Sendable {
        /// Relative to the directory of the list.
        public let path: RepositoryPath
        public let checksum: Checksum
    }

    /// - Throws: ``ChantalError`` `malformed` or `unsafe_path`, naming the file.
    public static func entries(_ bytes: [UInt8], _ algorithm: ChecksumAlgorithm, file: String) throws -> [Entry] {
        var result: [Entry] = []
        try bytes.withUnsafeBytes { buffer in
            try buffer.forEachLine { line in
                if line.trimmed.isEmpty { return }
                let digits = algorithm.byteCount * 2
                guard line.count > digits + 2, let checksum = Checksum(algorithm, hexBytes: line.slice(0..<digits)),
                    line[digits] == 0x20, line[digits + 1] == 0x20 || line[digits + 1] == 0x2a
                else {
                    throw ChantalError(
                        .malformed, "\(file) holds a line that is not 'hash  name': '\(line.printable)'", path: file)
                }
                do {
                    let path = try RepositoryPath(line.slice((digits + 2)..<line.count))
                    result.append(Entry(path: path, checksum: checksum))
                } catch let error as ChantalError {
                    throw error.within("\(file) is refused")
                }
            }
        }
        return result
    }
}
