import Archive
import Basics
import TestSupport

/// Archives made by Python's own modules in a directory that goes with the value.
struct Making {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory("archive") }

    /// Runs a script with `io`, `tarfile` and `zipfile` at hand; what it writes to the path `out` is the archive.
    func python(_ script: String) throws -> [UInt8] {
        let out = directory.path("out")
        let prelude = """
            import io, tarfile, zipfile
            out = \(quoted(out))
            def plain(name, size, type=tarfile.REGTYPE, link=''):
                info = tarfile.TarInfo(name)
                info.size, info.type, info.linkname = size, type, link
                return info

            """
        try Subprocess.run(["python3", "-c", prelude + script]).checked()
        return try Files.read(out)
    }

    private func quoted(_ text: String) -> String { "'\(text)'" }
}

/// Bytes as a stream, a few at a time.
func stream(_ bytes: [UInt8], piece: Int = 1000) -> (UnsafeMutableRawBufferPointer) throws -> Int {
    var place = 0
    return { buffer in
        let count = min(piece, buffer.count, bytes.count - place)
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<(place + count)])) }
        place += count
        return count
    }
}

/// The reader of a zip that is in memory.
func zip(_ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws -> ArchiveReader {
    try ArchiveReader(zipOf: Int64(bytes.count), limits: limits) { buffer, offset in
        let start = min(Int(offset), bytes.count)
        let count = min(buffer.count, bytes.count - start)
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)]))
        }
        return count
    }
}

extension ArchiveMember {
    var text: String { String(decoding: name, as: UTF8.self) }
}

extension ArchiveReader {
    /// Moves to a member.
    func member(_ name: String) throws -> ArchiveMember? {
        while let member = try next() { if member.text == name { return member } }
        return nil
    }

    func text() throws -> String { String(decoding: try readAll(limit: 1 << 20), as: UTF8.self) }
}

func code(_ body: () throws -> Void) -> ChantalError.Code? {
    do { try body() } catch { return (error as? ChantalError)?.code }
    return nil
}
