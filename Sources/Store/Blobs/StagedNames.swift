import Basics
import FileSystem
import Synchronization

/// Which files of a session are verified, and what they are: `tmp/stage/<session>/names`, a line `draft7 <digest>` for each.
///
/// A line costs a tenth of giving the file another name. It is written once the file is complete and read-only.
final class StagedNames: Sendable {
    static let fileName = "names"
    private let file: FileDescriptor
    private let isTorn = Mutex(false)

    init(in stage: Directory) throws { file = try stage.create(StagedNames.fileName) }

    /// Adds lines, all or none of them.
    func append(_ files: some Sequence<(draft: String, digest: Digest)>) throws {
        var text: [UInt8] = []
        for file in files {
            text.append(contentsOf: file.draft.utf8)
            text.append(UInt8(ascii: " "))
            file.digest.appendHex(to: &text)
            text.append(UInt8(ascii: "\n"))
        }
        try isTorn.withLock { isTorn in
            // After a write that a full disk cut short, the next line begins on a line of its own.
            if isTorn { text.insert(UInt8(ascii: "\n"), at: 0) }
            isTorn = true
            try text.withUnsafeBytes { try file.write($0) }
            isTorn = false
        }
    }

    /// The digests of a dead session's files, by name; what is not of the form counts for nothing.
    static func read(in stage: Directory) throws -> [[UInt8]: Digest] {
        guard let file = try stage.openIfPresent(fileName) else { return [:] }
        var result: [[UInt8]: Digest] = [:]
        var rest: [UInt8] = []
        try file.forEachChunk { chunk in
            rest.append(contentsOf: chunk)
            let used = rest.withUnsafeBytes { bytes in
                var start = 0
                while let end = bytes.firstIndex(of: UInt8(ascii: "\n"), from: start) {
                    let line = bytes.slice(start..<end)
                    if let space = line.firstIndex(of: UInt8(ascii: " "), from: 0),
                        let digest = BlobNames.digest(line.slice((space + 1)..<line.count))
                    {
                        result[Array(line.slice(0..<space))] = digest
                    }
                    start = end + 1
                }
                return start
            }
            rest.removeFirst(used)
            // No line is so long: zeros after a power cut.
            if rest.count > 4096 { rest = [] }
        }
        return result
    }
}
