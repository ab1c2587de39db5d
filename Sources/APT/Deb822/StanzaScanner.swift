import Basics

/// What a deb822 file may be made of, against inputs that only want to fill memory.
public struct StanzaLimits: Sendable {
    /// Bytes of one stanza.
    public var stanza: Int
    /// Bytes of one field.
    public var field: Int
    /// Fields of one stanza.
    public var fields: Int

    public init(stanza: Int, field: Int, fields: Int) {
        self.stanza = stanza
        self.field = field
        self.fields = fields
    }

    /// For Packages and Sources.
    public static let index = StanzaLimits(stanza: 16 << 20, field: 8 << 20, fields: 1000)
    /// For Release files, whose lists of hashes are long.
    public static let release = StanzaLimits(stanza: 10_000_000, field: 10_000_000, fields: 1000)
}

/// Reads a deb822 file in chunks of any size and hands out its stanzas, as apt reads them (`deb822(5)`).
///
/// Stanzas end at an empty line (one of CR alone counts as empty); lines that begin with a blank continue the field before. There are no
/// comments in the files of a repository. A stanza that lies whole in one chunk is not copied.
public struct StanzaScanner: ~Copyable {
    private let file: String
    private let limits: StanzaLimits
    private let fields: UnsafeMutablePointer<StanzaField>
    private var fieldCount = 0
    private var names: UInt64 = 0
    private var duplicateIndex = -1
    private var hasBlankContinuation = false
    /// Start of the first line not yet read, from the stanza's start.
    private var line = 0
    /// How far that line is known to have no end.
    private var searched = 0
    private var number = 1
    private var pending: [UInt8] = []

    /// - Parameter file: the name that errors give.
    public init(file: String, limits: StanzaLimits = .index) {
        self.file = file
        self.limits = limits
        fields = .allocate(capacity: limits.fields)
    }

    deinit { fields.deallocate() }

    /// Takes the next bytes of the file.
    /// - Throws: ``ChantalError`` `malformed` for a line that is neither field nor continuation, `too_large` beyond the limits, and what `body` throws.
    public mutating func write(_ chunk: UnsafeRawBufferPointer, _ body: (Stanza) throws -> Void) throws {
        var start = 0
        if !pending.isEmpty { start = try finishPending(chunk, body) }
        while start < chunk.count {
            let rest = chunk.slice(start..<chunk.count)
            guard let end = try next(rest, body) else {
                pending.append(contentsOf: rest)
                return
            }
            start += end
        }
    }

    /// Completes the stanza that earlier chunks began, and says where in the chunk the next one starts.
    private mutating func finishPending(_ chunk: UnsafeRawBufferPointer, _ body: (Stanza) throws -> Void) throws -> Int
    {
        var held: [UInt8] = []
        swap(&held, &pending)  // so that it is changed in place, not copied
        var start = 0
        while start < chunk.count {
            let before = held.count
            let piece = chunk.slice(start..<min(chunk.count, start + max(4096, before)))
            held.append(contentsOf: piece)
            if let end = try held.withUnsafeBytes({ try next($0, body) }) {
                start += end - before
                held.removeAll(keepingCapacity: held.capacity <= 1 << 20)
                break
            }
            start += piece.count
        }
        swap(&held, &pending)
        return start
    }

    /// Takes the end of the file.
    public mutating func finish(_ body: (Stanza) throws -> Void) throws {
        guard !pending.isEmpty else { return }
        let held = pending
        pending = []
        try held.withUnsafeBytes { buffer in
            // A last line without its line break.
            if line < buffer.count {
                let last = buffer.slice(line..<buffer.count)
                if !StanzaScanner.isBlank(last) {
                    try read(buffer, lineEnd: buffer.count, next: buffer.count)
                    line = buffer.count
                }
            }
            try give(buffer, count: line, body)
        }
    }

    /// Reads one stanza from the start of a buffer; nil if its end is not there yet, else the place after its empty line.
    private mutating func next(_ buffer: UnsafeRawBufferPointer, _ body: (Stanza) throws -> Void) throws -> Int? {
        while let newline = buffer.firstIndex(of: 0x0a, from: max(line, searched)) {
            let first = buffer[line]
            if first == 0x0a || (first == 0x0d && StanzaScanner.isBlank(buffer.slice(line..<newline))) {
                try give(buffer, count: line, body)
                return newline + 1
            }
            try read(buffer, lineEnd: newline, next: newline + 1)
            line = newline + 1
        }
        searched = buffer.count
        if buffer.count > limits.stanza { throw tooLarge(buffer, "is larger than \(limits.stanza) bytes") }
        return nil
    }

    private mutating func give(
        _ buffer: UnsafeRawBufferPointer, count: Int, _ body: (Stanza) throws -> Void
    ) throws {
        defer {
            fieldCount = 0
            names = 0
            duplicateIndex = -1
            hasBlankContinuation = false
            line = 0
            searched = 0
        }
        if fieldCount == 0 { return }
        try body(
            Stanza(
                bytes: buffer.slice(0..<count), fields: UnsafeBufferPointer(start: fields, count: fieldCount),
                duplicateIndex: duplicateIndex, hasBlankContinuation: hasBlankContinuation, number: number))
        number += 1
    }

    /// Reads the line that begins at `line`.
    @inline(__always)
    private mutating func read(_ buffer: UnsafeRawBufferPointer, lineEnd: Int, next: Int) throws {
        if next > limits.stanza { throw tooLarge(buffer, "is larger than \(limits.stanza) bytes") }
        let first = buffer[line]
        if first == 0x20 || first == 0x09 {
            guard fieldCount > 0 else { throw malformed(buffer, lineEnd, "a continuation line without a field") }
            fields[fieldCount - 1].end = UInt32(truncatingIfNeeded: next)
            var index = line + 1
            while index < lineEnd, buffer[index].isASCIISpace { index += 1 }
            if index == lineEnd { hasBlankContinuation = true }
        } else {
            try begin(buffer, lineEnd: lineEnd, next: next)
        }
        if next - Int(fields[fieldCount - 1].start) > limits.field {
            throw tooLarge(buffer, "holds a field larger than \(limits.field) bytes")
        }
    }

    @inline(__always)
    private mutating func begin(_ buffer: UnsafeRawBufferPointer, lineEnd: Int, next: Int) throws {
        let first = buffer[line]
        guard first != 0x23, first != 0x2d else {
            throw malformed(buffer, lineEnd, "a line that is neither field nor continuation")
        }
        var hash = FieldName.seed
        var index = line
        while index < lineEnd, buffer[index] != 0x3a, buffer[index] > 0x20, buffer[index] < 0x7f {
            hash = FieldName.step(hash, buffer[index])
            index += 1
        }
        let nameEnd = index
        while index < lineEnd, buffer[index] == 0x20 || buffer[index] == 0x09 { index += 1 }
        guard index < lineEnd, buffer[index] == 0x3a, nameEnd > line else {
            throw malformed(buffer, lineEnd, "a line that is neither field nor continuation")
        }
        index += 1
        while index < lineEnd, buffer[index] == 0x20 || buffer[index] == 0x09 { index += 1 }
        guard fieldCount < limits.fields else { throw tooLarge(buffer, "holds more than \(limits.fields) fields") }
        fields[fieldCount] = StanzaField(
            start: UInt32(truncatingIfNeeded: line), nameEnd: UInt32(truncatingIfNeeded: nameEnd),
            valueStart: UInt32(truncatingIfNeeded: index), end: UInt32(truncatingIfNeeded: next), hash: hash)
        let bit: UInt64 = 1 << UInt64(hash & 63)
        if names & bit != 0, duplicateIndex < 0 { noteDuplicate(buffer) }
        names |= bit
        fieldCount += 1
    }

    private mutating func noteDuplicate(_ buffer: UnsafeRawBufferPointer) {
        let new = fields[fieldCount]
        for index in 0..<fieldCount where fields[index].hash == new.hash {
            let old = fields[index]
            let length = Int(new.nameEnd - new.start)
            guard Int(old.nameEnd - old.start) == length else { continue }
            let same = (0..<length).allSatisfy {
                buffer[Int(old.start) + $0].asciiLowercased == buffer[Int(new.start) + $0].asciiLowercased
            }
            if same { duplicateIndex = fieldCount }
        }
    }

    private static func isBlank(_ line: UnsafeRawBufferPointer) -> Bool { line.allSatisfy { $0 == 0x0d } }

    /// `stanza 17 ('nginx')`: the first field of a stanza names it.
    private func stanzaName(_ buffer: UnsafeRawBufferPointer) -> String {
        guard fieldCount > 0 else { return "stanza \(number)" }
        let value = buffer.slice(Int(fields[0].valueStart)..<Int(fields[0].end)).firstLine
        return "stanza \(number) ('\(value.slice(0..<min(100, value.count)).printable)')"
    }

    private func malformed(_ buffer: UnsafeRawBufferPointer, _ lineEnd: Int, _ what: String) -> ChantalError {
        let shown = buffer.slice(line..<min(lineEnd, line + 60)).printable
        return ChantalError(
            .malformed, "\(file) is not a deb822 file: \(stanzaName(buffer)) holds \(what): '\(shown)'", path: file)
    }

    private func tooLarge(_ buffer: UnsafeRawBufferPointer, _ what: String) -> ChantalError {
        ChantalError(.tooLarge, "\(file) is refused: \(stanzaName(buffer)) \(what)", path: file)
    }
}

extension UnsafeRawBufferPointer {
    /// As text for messages: control characters become `?`.
    var printable: String {
        String(decoding: map { $0 < 0x20 || $0 == 0x7f ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
