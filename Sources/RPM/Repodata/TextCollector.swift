import Basics

/// Gathers the text of one element, up to a limit.
struct TextCollector {
    private(set) var bytes: [UInt8] = []
    private(set) var isOpen = false
    let limit: Int

    init(limit: Int = 1 << 20) { self.limit = limit }

    mutating func open() {
        bytes.removeAll(keepingCapacity: true)
        isOpen = true
    }

    mutating func append(_ text: UnsafeRawBufferPointer) throws {
        guard isOpen else { return }
        guard bytes.count + text.count <= limit else {
            throw ChantalError(.tooLarge, "a text is longer than \(ByteCount.text(Int64(limit)))")
        }
        bytes.append(contentsOf: text)
    }

    /// The text without blanks around it.
    mutating func close<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        isOpen = false
        return try bytes.withUnsafeBytes { try body($0.trimmed) }
    }

    /// The text without blanks around it.
    mutating func close() -> String { close { $0.text } }
}
