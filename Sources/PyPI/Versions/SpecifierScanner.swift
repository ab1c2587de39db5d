import Basics

/// Reads clauses on versions, one after the other.
struct SpecifierScanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    private static let operators: [(text: StaticString, relation: Specifier.Operator)] = [
        ("===", .arbitrary), ("==", .equal), ("~=", .compatible), ("!=", .notEqual), ("<=", .lessOrEqual),
        (">=", .greaterOrEqual), ("<", .less), (">", .greater),
    ]

    /// The clause at the position, which goes behind it; nil and unmoved if there is none.
    mutating func next() -> Specifier? {
        for (text, relation) in SpecifierScanner.operators {
            let end = position + text.utf8CodeUnitCount
            guard end <= bytes.count, bytes.slice(position..<end).equals(text) else { continue }
            var start = end
            while start < bytes.count, bytes[start] == 0x20 || (0x09...0x0d).contains(bytes[start]) { start += 1 }
            return relation == .arbitrary ? arbitrary(start) : clause(relation, start)
        }
        return nil
    }

    /// Anything but blanks, `;` and `)`.
    private mutating func arbitrary(_ start: Int) -> Specifier? {
        var end = start
        while end < bytes.count, !bytes[end].isASCIISpace, bytes[end] != UInt8(ascii: ";"),
            bytes[end] != UInt8(ascii: ")")
        {
            end += 1
        }
        let text = bytes.slice(start..<end).text
        position = end
        return Specifier(.arbitrary, operand: text, version: Version(text), isPrefix: false)
    }

    private mutating func clause(_ relation: Specifier.Operator, _ start: Int) -> Specifier? {
        let rest = bytes.slice(start..<min(bytes.count, start + Version.lengthLimit))
        var reader = VersionReader(rest)
        let takesMore = relation == .equal || relation == .notEqual
        guard reader.readPublic() else { return nil }
        if relation == .compatible, reader.releaseCount < 2 { return nil }
        var isPrefix = false
        var end = reader.position
        if takesMore {
            if !reader.hasPre, !reader.hasPost, !reader.hasDev, end + 1 < rest.count, rest[end] == UInt8(ascii: "."),
                rest[end + 1] == UInt8(ascii: "*")
            {
                isPrefix = true
                end += 2
            } else if reader.readLocal() {
                end = reader.position
            }
        }
        position = start + end
        return Specifier(
            relation, operand: rest.slice(0..<end).text, version: Version(reader), isPrefix: isPrefix)
    }
}
