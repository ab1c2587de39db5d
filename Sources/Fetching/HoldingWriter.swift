internal import Basics
internal import Hashing
internal import Store

/// Holds one answer in memory as long as it is small and there is room; else brings it to the store as any other file.
///
/// For files of which neither size nor checksum is declared. Used by one thread at a time, as ``BlobWriter`` demands.
final class HoldingWriter: BlobWriter, @unchecked Sendable {
    private let room: HoldingRoom
    private let makeWriter: () throws -> any BlobWriter
    private var bytes: [UInt8] = []
    private var stored: (any BlobWriter)?
    /// After ``finish()``: what is not in the store.
    private(set) var held: HeldBytes?

    let resumedBytes: Int64 = 0
    var validator: String? { nil }
    var size: Int64 { stored?.size ?? Int64(bytes.count) }
    /// Whether finishing it costs next to nothing.
    var isInMemory: Bool { stored == nil }

    /// - Parameter makeWriter: of what goes to the store after all.
    init(_ room: HoldingRoom, else makeWriter: @escaping () throws -> any BlobWriter) {
        self.room = room
        self.makeWriter = makeWriter
    }

    // Nothing of it is ever resumed.
    func remember(validator: String) {}

    func write(_ new: UnsafeRawBufferPointer) throws {
        if stored == nil, bytes.count + new.count <= HoldingRoom.largest {
            bytes.append(contentsOf: new)
        } else {
            try store().write(new)
        }
    }

    private func store() throws -> any BlobWriter {
        if let stored { return stored }
        let writer = try makeWriter()
        stored = writer
        try bytes.withUnsafeBytes { try writer.write($0) }
        bytes = []
        return writer
    }

    func restart() throws {
        bytes = []
        try stored?.restart()
    }

    func finish() throws -> StagedBlob {
        if stored == nil, room.take(bytes.capacity) {
            let digest = sha256(of: bytes)
            let blob = StagedBlob(digest: digest, size: size, digests: Digests(sha256: digest))
            held = HeldBytes(bytes, in: room)
            bytes = []
            return blob
        }
        return try store().finish()
    }

    func abandon(keepPartial: Bool) throws {
        bytes = []
        try stored?.abandon(keepPartial: keepPartial)
    }
}
