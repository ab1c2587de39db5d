import Basics

/// A Release file to be written. The same input gives the same bytes.
struct ReleaseText {
    struct Entry {
        let path: RepositoryPath
        let size: Int64
        let sha256: Digest
        let sha512: Checksum
    }

    /// Fields in the order in which they are written; without a value they are left out.
    private var fields: [(name: String, value: String)] = []
    private var entries: [Entry] = []

    /// - Parameters:
    ///   - value: line breaks and other control characters become spaces, so that a value cannot begin a field.
    mutating func set(_ name: String, _ value: String?) {
        guard let value else { return }
        let folded = String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 }, as: UTF8.self)
        if folded.utf8.contains(where: { $0 != 0x20 }) { fields.append((name, folded)) }
    }

    mutating func add(_ entry: Entry) { entries.append(entry) }

    func render() -> [UInt8] {
        var text: [UInt8] = []
        for field in fields { text.append(contentsOf: "\(field.name): \(field.value)\n".utf8) }
        let sorted = entries.sorted { $0.path < $1.path }
        text.append(contentsOf: "SHA256:\n".utf8)
        for entry in sorted { append(entry.sha256.hex, entry, to: &text) }
        text.append(contentsOf: "SHA512:\n".utf8)
        for entry in sorted { append(entry.sha512.hex, entry, to: &text) }
        return text
    }

    private func append(_ hash: String, _ entry: Entry, to text: inout [UInt8]) {
        let size = String(entry.size)
        let padding = String(repeating: " ", count: max(0, 8 - size.utf8.count))
        text.append(contentsOf: " \(hash) \(padding)\(size) ".utf8)
        text.append(contentsOf: entry.path.bytes)
        text.append(0x0a)
    }
}
