import Basics
import XML

/// Reads repomd.xml.
final class RepomdReader: MarkupHandler {
    private var repomd = Repomd()
    private var depth = 0
    private var type: String?
    private var record = Fields()
    private var text = TextCollector(limit: 4096)
    /// The type attribute of the checksum that is being read.
    private var algorithm: [UInt8] = []
    private var problem: ChantalError?

    private struct Fields {
        var location: Location?
        var checksum: Checksum?
        var openChecksum: Checksum?
        var size: Int64?
        var openSize: Int64?
        var timestamp: Int64?
    }

    /// - Throws: ``ChantalError`` `malformed` or `unsafe_path`, naming the record.
    static func read(_ bytes: [UInt8], file: String) throws -> Repomd {
        let reader = RepomdReader()
        try XMLParser.parse(bytes, file: file, root: "repomd", handler: reader)
        return reader.repomd
    }

    private var name: String { "record '\(type ?? "")'" }

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        depth += 1
        switch (depth, name) {
        case (2, "data"):
            type = attributes["type"]?.text ?? ""
            record = Fields()
            if type?.isEmpty != false { throw ChantalError(.malformed, "a record has no type") }
        case (3, "location") where type != nil:
            do {
                record.location = try Location(
                    href: attributes["href"] ?? UnsafeRawBufferPointer(start: nil, count: 0),
                    base: attributes["xml", "base"])
            } catch { throw ChantalError.wrap(error).within(self.name) }
        case (3, "checksum"), (3, "open-checksum"):
            algorithm = attributes["type"].map { Array($0) } ?? []
            text.open()
        case (2, "revision"), (3, "size"), (3, "open-size"), (3, "timestamp"): text.open()
        default: break
        }
    }

    func characters(_ text: UnsafeRawBufferPointer) throws { try self.text.append(text) }

    func endElement(_ name: MarkupName) throws {
        defer { depth -= 1 }
        switch (depth, name) {
        case (2, "revision"): repomd.revision = text.close()
        case (2, "data"): try finishRecord()
        case (3, "checksum"): record.checksum = try checksum("the \(self.name)")
        case (3, "open-checksum"): record.openChecksum = try checksum("the open \(self.name)")
        case (3, "size"): record.size = try number("size")
        case (3, "open-size"): record.openSize = try number("open-size")
        case (3, "timestamp"):
            // Some write fractions; it decides nothing.
            record.timestamp = text.close { $0.slice(0..<($0.firstIndex(of: UInt8(ascii: ".")) ?? $0.count)).decimal }
        default: break
        }
    }

    private func checksum(_ what: String) throws -> Checksum {
        try algorithm.withUnsafeBytes { type in try text.close { try Checksum(type: type, hex: $0, of: what) } }
    }

    private func number(_ field: String) throws -> Int64 {
        try text.close {
            guard let value = $0.decimal else {
                throw ChantalError(.malformed, "the \(field) of \(name) is no number: '\($0.text)'")
            }
            return value
        }
    }

    private func finishRecord() throws {
        guard let type else { return }
        defer { self.type = nil }
        guard let location = record.location else { throw ChantalError(.malformed, "\(name) has no location") }
        guard let checksum = record.checksum else {
            throw ChantalError(.malformed, "\(name) has no checksum, so nothing vouches for '\(location.path)'")
        }
        guard repomd.records.count < Repomd.recordLimit else {
            throw ChantalError(.malformed, "there are more than \(Repomd.recordLimit) records")
        }
        if ["primary", "filelists", "other"].contains(type), repomd[type] != nil {
            throw ChantalError(.malformed, "\(name) stands there twice")
        }
        repomd.records.append(
            RepomdRecord(
                type: type, location: location, checksum: checksum, size: record.size,
                openChecksum: record.openChecksum, openSize: record.openSize, timestamp: record.timestamp))
    }
}
