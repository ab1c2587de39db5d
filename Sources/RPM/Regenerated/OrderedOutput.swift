import Basics
import Mirroring

/// Writes packages in the order of their places, in whatever order they come: what comes before its turn waits in a file.
final class OrderedOutput {
    private let writer: RecordWriter
    private let session: SyncSession
    /// The place that is written next.
    private var next = 0
    private var spool: SpoolFile?
    private var spoolSize: Int64 = 0
    /// Where in the file a place waits.
    private var waiting: [Int: (offset: Int64, size: Int)] = [:]
    private var buffer: [UInt8] = []

    init(_ writer: RecordWriter, session: SyncSession) {
        self.writer = writer
        self.session = session
    }

    func write(_ package: UnsafeRawBufferPointer, at place: Int) throws {
        if place == next {
            try writer.write(package)
            next += 1
            return try writeWaiting()
        }
        if spool == nil { spool = try session.newSpool() }
        try spool?.write(package)
        waiting[place] = (spoolSize, package.count)
        spoolSize += Int64(package.count)
    }

    private func writeWaiting() throws {
        while let (offset, size) = waiting.removeValue(forKey: next), let spool {
            if buffer.count < size { buffer = [UInt8](repeating: 0, count: size) }
            try buffer.withUnsafeMutableBytes { bytes in
                let package = UnsafeMutableRawBufferPointer(rebasing: bytes[..<size])
                try spool.read(into: package, at: offset)
                try writer.write(UnsafeRawBufferPointer(package))
            }
            next += 1
        }
    }

    /// - Throws: ``ChantalError`` `bug` if a place before `count` was not given.
    func finish(count: Int) throws {
        if next == count { return }
        throw ChantalError(.bug, "of \(count) packages number \(next + 1) was not written")
    }
}
