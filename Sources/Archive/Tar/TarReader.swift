import Basics

/// A plain file in a tar.
public struct TarMember: Sendable, Hashable {
    /// As it stands in the archive: it may hold anything but NUL.
    public let name: [UInt8]
    /// In bytes.
    public let size: Int64
}

/// Reads a tar of plain files, and refuses one that holds anything else: links, directories, devices, extensions.
///
/// For archives of one's own form that come from strangers. Nothing is unpacked, and what it holds in memory does not depend on
/// what it reads. Not to be used by two threads at once.
public final class TarReader {
    private let source: (UnsafeMutableRawBufferPointer) throws -> Int
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
    private var available: UnsafeRawBufferPointer
    private var rest: Int64 = 0
    private var padding: Int64 = 0

    /// - Parameter read: fills the buffer with the next bytes, 0 at the end.
    public init(from read: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
        source = read
        available = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    deinit { buffer.deallocate() }

    /// Moves to the next member, past what was not read of the one before; nil after the end, when only zeros follow.
    /// - Throws: ``ChantalError`` `malformed`.
    public func next() throws -> TarMember? {
        try skip(rest)
        try skip(padding, zeros: true)
        (rest, padding) = (0, 0)
        let member = try withUnsafeTemporaryAllocation(byteCount: TarHeader.blockSize, alignment: 16) { block in
            try fill(block)
            let bytes = UnsafeRawBufferPointer(block)
            return bytes.contains { $0 != 0 } ? try TarHeader.read(bytes) : nil
        }
        guard let member else {
            try expectZeros()
            return nil
        }
        rest = member.size
        let block = Int64(TarHeader.blockSize)
        padding = (block - member.size % block) % block
        return member
    }

    /// Gives the next bytes of the member, as many as are at hand; empty at its end. They are valid until the next call.
    public func chunk() throws -> UnsafeRawBufferPointer {
        if rest == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if available.isEmpty { try refill() }
        let count = Int(min(rest, Int64(available.count)))
        let result = UnsafeRawBufferPointer(rebasing: available[..<count])
        available = UnsafeRawBufferPointer(rebasing: available[count...])
        rest -= Int64(count)
        return result
    }

    /// The rest of the member.
    /// - Throws: ``ChantalError`` `too_large` above `limit` bytes.
    public func readAll(limit: Int) throws -> [UInt8] {
        guard rest <= Int64(limit) else {
            throw ChantalError(
                .tooLarge, "a member of the tar has \(ByteCount.text(rest)), more than \(ByteCount.text(Int64(limit)))")
        }
        var result: [UInt8] = []
        while true {
            let bytes = try chunk()
            if bytes.isEmpty { return result }
            result.append(contentsOf: bytes)
        }
    }

    private func refill() throws {
        let count = try source(buffer)
        if count == 0 { throw TarHeader.malformed("it ends early") }
        available = UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    private func fill(_ target: UnsafeMutableRawBufferPointer) throws {
        var done = 0
        while done < target.count {
            if available.isEmpty { try refill() }
            let count = min(available.count, target.count - done)
            UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + count)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: available[..<count]))
            available = UnsafeRawBufferPointer(rebasing: available[count...])
            done += count
        }
    }

    private func skip(_ count: Int64, zeros: Bool = false) throws {
        var left = count
        while left > 0 {
            if available.isEmpty { try refill() }
            let step = Int(min(left, Int64(available.count)))
            if zeros, available[..<step].contains(where: { $0 != 0 }) {
                throw TarHeader.malformed("something stands between two members")
            }
            available = UnsafeRawBufferPointer(rebasing: available[step...])
            left -= Int64(step)
        }
    }

    /// After the first block of zeros: another, and whatever fills the last record, all zeros.
    private func expectZeros() throws {
        var zeros = 0
        while true {
            if available.contains(where: { $0 != 0 }) { throw TarHeader.malformed("something follows its end") }
            zeros += available.count
            let count = try source(buffer)
            available = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if count == 0 { break }
        }
        if zeros < TarHeader.blockSize { throw TarHeader.malformed("it ends early") }
    }
}
