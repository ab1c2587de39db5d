import Basics

/// Writes stanzas of a regenerated index: every field of upstream's stanza in its order, byte for byte, but those replaced.
struct StanzaWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    /// Hands the bytes written so far to a consumer and forgets them.
    mutating func drain(_ output: (UnsafeRawBufferPointer) throws -> Void) throws {
        try bytes.withUnsafeBytes(output)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Appends a stanza and the empty line after it.
    /// - Parameter replacing: a field and its new value; one that is not there comes last. Nil leaves all as they are.
    mutating func append(_ stanza: Stanza, replacing field: (name: FieldName, value: RepositoryPath)? = nil) {
        count += 1
        if let field, let index = stanza.index(of: field.name), !stanza.value(index).elementsEqual(field.value.bytes) {
            append(stanza, replacing: index, field.value.bytes)
        } else if needsFolding(stanza) {
            appendFolded(stanza.bytes)
        } else {
            bytes.append(contentsOf: stanza.bytes)
        }
        if bytes.last != 0x0a { bytes.append(0x0a) }
        if let field, stanza.index(of: field.name) == nil {
            bytes.append(contentsOf: "\(field.name): ".utf8)
            bytes.append(contentsOf: field.value.bytes)
            bytes.append(0x0a)
        }
        bytes.append(0x0a)
    }

    private mutating func append(_ stanza: Stanza, replacing place: Int, _ value: [UInt8]) {
        let folding = needsFolding(stanza)
        for index in 0..<stanza.fieldCount {
            if index == place {
                bytes.append(contentsOf: stanza.name(index))
                bytes.append(contentsOf: [0x3a, 0x20])
                bytes.append(contentsOf: value)
                bytes.append(0x0a)
            } else if folding {
                appendFolded(stanza.raw(index))
            } else {
                bytes.append(contentsOf: stanza.raw(index))
            }
        }
    }

    /// Some readers end a stanza at a line of blanks, and a line at a lone CR: neither may pass under our signature.
    private func needsFolding(_ stanza: Stanza) -> Bool {
        stanza.hasBlankContinuation || hasLoneCarriageReturn(stanza.bytes)
    }

    private func hasLoneCarriageReturn(_ text: UnsafeRawBufferPointer) -> Bool {
        var start = 0
        while let place = text.firstIndex(of: 0x0d, from: start) {
            if place + 1 == text.count || text[place + 1] != 0x0a { return true }
            start = place + 1
        }
        return false
    }

    private mutating func appendFolded(_ text: UnsafeRawBufferPointer) {
        var isFirst = true
        text.forEachLine { line in
            if !isFirst, line.trimmed.isEmpty {
                bytes.append(contentsOf: [0x20, 0x2e])
            } else {
                for byte in line { bytes.append(byte == 0x0d ? 0x20 : byte) }
            }
            bytes.append(0x0a)
            isFirst = false
        }
    }
}
