import Basics

/// Where a field lies within its stanza, in bytes from the stanza's start.
public struct StanzaField: Sendable {
    /// Start of the name.
    var start: UInt32
    /// End of the name.
    var nameEnd: UInt32
    /// Start of the value, after the colon and blanks.
    var valueStart: UInt32
    /// After the line break that ends the field, continuation lines included.
    var end: UInt32
    var hash: UInt32
}

/// One paragraph of a deb822 file: a view into the scanner's buffer, valid only within the call it is handed to.
///
/// Bytes are kept as they are, invalid UTF-8 included (`deb822(5)`).
public struct Stanza {
    /// The stanza as it stands in the file, without the empty line after it; the last line may lack its line break.
    public let bytes: UnsafeRawBufferPointer
    let fields: UnsafeBufferPointer<StanzaField>
    /// The index of the first field whose name an earlier one has, or -1.
    let duplicateIndex: Int
    /// Whether a continuation line holds nothing but blanks: some readers take such a line for the end of the stanza.
    public let hasBlankContinuation: Bool
    /// The number of this stanza in its file, from 1.
    public let number: Int

    public var fieldCount: Int { fields.count }

    /// The value of a field without the blanks around it; nil if there is no such field. Of several, the first.
    @inline(__always)
    public subscript(_ name: FieldName) -> UnsafeRawBufferPointer? {
        guard let index = index(of: name) else { return nil }
        return value(index)
    }

    @inline(__always)
    func index(of name: FieldName) -> Int? {
        for index in 0..<fields.count where fields[index].hash == name.hash {
            if self.name(index).equalsIgnoringCase(name.text) { return index }
        }
        return nil
    }

    /// The name of a field as written.
    public func name(_ index: Int) -> UnsafeRawBufferPointer {
        let field = fields[index]
        return bytes.slice(Int(field.start)..<Int(field.nameEnd))
    }

    /// The value of a field, continuation lines included, without the blanks around it.
    public func value(_ index: Int) -> UnsafeRawBufferPointer {
        let field = fields[index]
        var end = Int(field.end)
        var start = Int(field.valueStart)
        while start < end, bytes[start].isASCIISpace { start += 1 }
        while end > start, bytes[end - 1].isASCIISpace { end -= 1 }
        return bytes.slice(start..<end)
    }

    /// A field as it stands in the file: name, colon, value, continuation lines and line break.
    public func raw(_ index: Int) -> UnsafeRawBufferPointer {
        bytes.slice(Int(fields[index].start)..<Int(fields[index].end))
    }

    /// The name of a field that stands twice, or nil.
    public var duplicateName: String? { duplicateIndex < 0 ? nil : name(duplicateIndex).text }

    /// Whether one of these fields stands more than once.
    func repeats(_ name: FieldName) -> Bool {
        guard duplicateIndex >= 0, let first = index(of: name) else { return false }
        for index in (first + 1)..<max(fields.count, first + 1)
        where fields[index].hash == name.hash && self.name(index).equalsIgnoringCase(name.text) {
            return true
        }
        return false
    }
}
