import Archive
import Basics
import Hashing
import OpenPGP
import Store

/// Writes the volumes of a bundle.
final class BundleWriter {
    private let engine: Engine
    private let session: any StagingSession
    private let plan: PlannedBundle
    private var description: BundleDescription { plan.description }
    private let text: [UInt8]
    private let signature: [UInt8]?
    private let limit: Int64?
    /// The SHA-256 of the description.
    let set: Digest

    init(
        engine: Engine, session: any StagingSession, plan: PlannedBundle, signer: Signer?, volumeSize: Int64?
    ) throws {
        self.engine = engine
        self.session = session
        self.plan = plan
        text = plan.description.text
        set = sha256(of: text)
        signature = try signer?.detached(text)
        limit = volumeSize
        guard text.count <= BundleVolume.largestDescription,
            signature.map({ $0.count <= VolumeDivision.signatureRoom }) ?? true
        else {
            throw ChantalError(
                .tooLarge, "the contents list of the bundle would have \(ByteCount.text(Int64(text.count)))",
                hint: "export fewer states at once")
        }
    }

    func write(
        to destination: inout some BundleDestination,
        progress: (Int, Int64, (files: Int, bytes: Int64)) -> Void
    ) throws -> [ExportReport.Volume] {
        let total = (files: description.blobCount, bytes: description.blobBytes)
        var result: [ExportReport.Volume] = []
        for number in 1...description.volumes.count {
            var bytes: Int64 = 0
            let name = try destination.volume(number, of: description.volumes.count) { output in
                bytes = try write(volume: number, output) { progress($0, $1, total) }
            }
            result.append(.init(name: name, bytes: bytes))
        }
        return result
    }

    private func write(
        volume number: Int, _ output: (UnsafeRawBufferPointer) throws -> Void, progress: (Int, Int64) -> Void
    ) throws -> Int64 {
        try withoutActuallyEscaping(output) { output in
            let collector = BlockWriter(output)
            let tar = TarWriter { try collector.write($0) }
            let time = description.createdAt
            let header = BundleNames.header(set: set, number: number, of: description.volumes.count)
            try tar.add(BundleNames.volume(number), header, modified: time)
            try tar.add(BundleNames.description, text, modified: time)
            if let signature { try tar.add(BundleNames.signature, signature, modified: time) }
            var sums: [UInt8] = []
            description.sums(ofVolume: number, set: set, signature: signature.map { sha256(of: $0) }) {
                sums.append(contentsOf: $0)
            }
            try tar.add(BundleNames.sums(number), sums, modified: time)
            sums = []
            if number == 1 { try writeAttachments(tar) }
            try writeBlobs(description.volumes[number - 1], tar, progress)
            try tar.finish()
            try collector.flush()
            if let limit, tar.position > limit {
                throw ChantalError(.bug, "volume \(number) has \(tar.position) bytes, more than \(limit)")
            }
            return tar.position
        }
    }

    private func writeAttachments(_ tar: TarWriter) throws {
        let manifests = Dictionary(description.manifests.map { (BundleNames.manifest($0), $0) }) { first, _ in first }
        for member in description.attachments {
            try engine.cancellation.check()
            try tar.begin(member.name, size: member.size, modified: description.createdAt)
            if let manifest = manifests[member.name] {
                try ExportPlan.render(manifest.id, isCompressed: manifest.isCompressed, engine.records) {
                    try tar.append($0)
                }
            } else {
                try plan.records[member.digest]?.withUnsafeBytes { try tar.append($0) }
            }
        }
    }

    private func writeBlobs(_ blobs: [BundleDescription.Blob], _ tar: TarWriter, _ progress: (Int, Int64) -> Void)
        throws
    {
        var hasher = SHA256Hasher()
        for blob in blobs {
            try engine.cancellation.check()
            try tar.begin(BundleNames.blob(blob.digest), size: blob.size, modified: description.createdAt)
            hasher.reset()
            try session.open(blob.digest).forEachChunk {
                hasher.update($0)
                try tar.append($0)
            }
            guard hasher.finish() == blob.digest else {
                throw ChantalError(
                    .store, "the blob \(blob.digest) is damaged", hint: "`chantal verify --repair` fetches it again")
            }
            progress(1, blob.size)
        }
    }
}

/// Collects small pieces, so that headers cost no system call of their own.
private final class BlockWriter {
    private let output: (UnsafeRawBufferPointer) throws -> Void
    private var buffer: [UInt8] = []
    private static let capacity = 256 << 10

    init(_ output: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        self.output = output
        buffer.reserveCapacity(BlockWriter.capacity)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        if buffer.count + bytes.count > BlockWriter.capacity { try flush() }
        if bytes.count >= BlockWriter.capacity { return try output(bytes) }
        buffer.append(contentsOf: bytes)
    }

    func flush() throws {
        if buffer.isEmpty { return }
        try buffer.withUnsafeBytes(output)
        buffer.removeAll(keepingCapacity: true)
    }
}
