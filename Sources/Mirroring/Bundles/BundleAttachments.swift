import Basics
import Compression
import Hashing
import Store

/// The manifests and records of a bundle, read from its first volume.
struct BundleAttachments {
    /// No manifest's text is larger.
    private static let largestManifest: Int64 = 64 << 30
    /// No record is larger.
    private static let largestRecord = 256 << 20

    let description: BundleDescription
    /// Records of generations, as they are where the bundle comes from, in the order of the description.
    private(set) var generations: [GenerationRecord] = []
    private(set) var firstSeen: [String: FirstSeen] = [:]

    /// Reads and checks them all.
    /// - Parameters:
    ///   - line: gets each line of each manifest. Only when this returns it is certain that they are what they claim to be.
    ///   - keep: gets a manifest's member in pieces.
    init(
        _ description: BundleDescription, _ volume: BundleVolume, line: (Digest, ManifestLine) throws -> Void,
        keep: (BundleDescription.ManifestMember, UnsafeRawBufferPointer) throws -> Void = { _, _ in }
    ) throws {
        self.description = description
        var counts: [Digest: (files: Int, bytes: Int64)] = [:]
        for member in description.manifests {
            try volume.expect(BundleNames.manifest(member), size: member.size)
            counts[member.id] = try readManifest(member, volume, line, keep)
        }
        var records: [Digest: [UInt8]] = [:]
        for attachment in description.attachments.dropFirst(description.manifests.count) {
            try volume.expect(attachment.name, size: attachment.size)
            let bytes = try volume.tar.readAll(limit: BundleAttachments.largestRecord)
            guard sha256(of: bytes) == attachment.digest else { throw BundleAttachments.changed(attachment.name) }
            records[attachment.digest] = bytes
        }
        try takeRecords(records, counts)
    }

    private static func changed(_ name: String) -> ChantalError {
        ChantalError(.mismatch, "the bytes of '\(name)' are not those that the bundle declares")
    }

    private func readManifest(
        _ member: BundleDescription.ManifestMember, _ volume: BundleVolume,
        _ line: (Digest, ManifestLine) throws -> Void,
        _ keep: (BundleDescription.ManifestMember, UnsafeRawBufferPointer) throws -> Void
    ) throws -> (files: Int, bytes: Int64) {
        let decompressor = try Decompressor(
            member.isCompressed ? .zstd : .none, limit: BundleAttachments.largestManifest)
        var parser = ManifestParser()
        var packed = SHA256Hasher()
        var plain = SHA256Hasher()
        var (files, bytes): (Int, Int64) = (0, 0)
        func take(_ text: UnsafeRawBufferPointer) throws {
            plain.update(text)
            try parser.feed(text) {
                if $0.role == .retained { throw ChantalError(.malformed, "a manifest has a line of role 'retained'") }
                files += 1
                bytes = bytes.addingReportingOverflow($0.size).partialValue
                try line(member.id, $0)
            }
        }
        while true {
            let chunk = try volume.tar.chunk()
            if chunk.isEmpty { break }
            packed.update(chunk)
            try decompressor.write(chunk, take)
            try keep(member, chunk)
        }
        try decompressor.finish(take)
        try parser.finish()
        guard packed.finish() == member.digest, plain.finish() == member.id else {
            throw BundleAttachments.changed(BundleNames.manifest(member))
        }
        return (files, bytes)
    }

    private mutating func takeRecords(
        _ records: [Digest: [UInt8]], _ counts: [Digest: (files: Int, bytes: Int64)]
    ) throws {
        for member in description.generations {
            let name = BundleNames.record(member.digest)
            let record: GenerationRecord
            do {
                record = try GenerationRecord(text: records[member.digest] ?? [], path: name)
            } catch {
                throw ChantalError(.malformed, "the bundle holds a record that cannot be used", cause: error)
            }
            guard record.number == member.number, let (files, bytes) = counts[record.manifest],
                record.files == files, record.bytes == bytes
            else {
                throw ChantalError(
                    .malformed, "the record of \(member.repository)@\(member.number) does not fit its state")
            }
            generations.append(record)
        }
        let named = Set(generations.map(\.manifest))
        guard description.manifests.allSatisfy({ named.contains($0.id) }) else {
            throw ChantalError(.malformed, "a manifest of the bundle belongs to no state")
        }
        for member in description.firstSeen {
            let bytes = records[member.digest] ?? []
            firstSeen[member.repository] = try bytes.withUnsafeBytes { try FirstSeen(parsing: $0) }
        }
    }
}

extension ExportOptions.Base {
    /// The states of an earlier bundle, read from its first volume.
    /// - Returns: names of the manifests, for people.
    static func forEachBlob(
        ofBundle path: String, _ body: (_ manifest: Digest, _ blob: Digest) throws -> Void
    ) throws -> [Digest: String] {
        var text: [UInt8] = []
        let input = try BundleInput.file(path)
        return try refusing(path) {
            let volume = try BundleVolume(input) { text = $0 }
            let description = try BundleParser.parse(text)
            guard volume.number == 1 else {
                throw ChantalError(
                    .malformed, "it is volume \(volume.number)", hint: "name the first volume: it has the manifests")
            }
            let attachments = try BundleAttachments(description, volume, line: { try body($0, $1.digest) })
            return Dictionary(
                zip(
                    attachments.generations.map(\.manifest),
                    description.generations.map { "\($0.repository)@\($0.number)" })
            ) { $1 }
        }
    }
}
