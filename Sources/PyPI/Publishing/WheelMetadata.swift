import Archive
import Basics
import Mirroring

/// Reads METADATA out of a wheel (binary distribution format, "The .dist-info directory"), which is what a `.metadata` file holds (PEP 658).
enum WheelMetadata {
    private static let largest = 64 << 20

    /// The bytes of `NAME-VERSION.dist-info/METADATA`; nil if the wheel has none.
    /// - Throws: ``ChantalError`` `malformed` for what is no zip archive, or has more than one.
    static func read(_ reader: any BlobReader, of project: ProjectName) throws -> [UInt8]? {
        let archive = try self.archive(of: reader)
        var found: [UInt8]?
        while let member = try archive.next() {
            guard member.kind == .file, isMetadata(member.name, of: project) else { continue }
            if found != nil { throw ChantalError(.malformed, "the wheel has METADATA of \(project) twice") }
            found = try archive.readAll(limit: largest)
        }
        return found
    }

    /// The names of all files in a wheel.
    static func names(_ reader: any BlobReader) throws -> [String] {
        let archive = try self.archive(of: reader)
        var names: [String] = []
        while let member = try archive.next() {
            if member.kind == .file { names.append(String(decoding: member.name, as: UTF8.self)) }
        }
        return names
    }

    private static func archive(of reader: any BlobReader) throws -> ArchiveReader {
        try ArchiveReader(zipOf: reader.size) { buffer, offset in
            try reader.seek(to: offset)
            return try reader.read(into: buffer)
        }
    }

    private static func isMetadata(_ name: [UInt8], of project: ProjectName) -> Bool {
        let parts = name.split(separator: 0x2f, omittingEmptySubsequences: false)
        let suffix = Array(".dist-info".utf8)
        guard parts.count == 2, parts[1].elementsEqual("METADATA".utf8),
            parts[0].suffix(suffix.count).elementsEqual(suffix)
        else { return false }
        let stem = parts[0].dropLast(suffix.count)
        guard let dash = stem.firstIndex(of: UInt8(ascii: "-")) else { return false }
        return ProjectName(stem[..<dash]) == project
    }
}
