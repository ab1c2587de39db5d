import Basics

/// One alternative of a Depends field, or one entry of Provides: `nginx`, `libc6 (>= 2.36)`, `python3:any` (`deb-control(5)`,
/// Debian Policy 7.1). A view into the field's bytes.
struct Relation {
    let name: UnsafeRawBufferPointer
    /// What follows the name after a colon: an architecture, `any` or `native`.
    let architecture: UnsafeRawBufferPointer?
    let bound: Bound?

    struct Bound {
        let relation: VersionRelation
        let version: UnsafeRawBufferPointer

        func allows(_ other: UnsafeRawBufferPointer) -> Bool {
            relation.holds(DebianVersion.order(other, version))
        }
    }

    /// Nil for what is no relation. Restrictions to architectures and profiles stand in source packages only, and are passed over.
    init?(_ text: UnsafeRawBufferPointer) {
        let text = text.trimmed
        var end = 0
        while end < text.count, !text[end].isASCIISpace, !Relation.endsName(text[end]) { end += 1 }
        let whole = text.slice(0..<end)
        if let colon = whole.firstIndex(of: UInt8(ascii: ":"), from: 0) {
            name = whole.slice(0..<colon)
            architecture = whole.slice((colon + 1)..<end)
        } else {
            name = whole
            architecture = nil
        }
        if name.isEmpty { return nil }
        let rest = text.slice(end..<text.count).trimmed
        guard rest.first == UInt8(ascii: "(") else {
            guard rest.isEmpty || rest[0] == UInt8(ascii: "[") || rest[0] == UInt8(ascii: "<") else { return nil }
            bound = nil
            return
        }
        guard let close = rest.firstIndex(of: UInt8(ascii: ")"), from: 0),
            let bound = Bound(rest.slice(1..<close).trimmed)
        else {
            return nil
        }
        self.bound = bound
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "<")
    }
}

extension Relation.Bound {
    /// `>= 1.18`, also without the blank.
    init?(_ text: UnsafeRawBufferPointer) {
        let sign = text.prefix { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") || $0 == UInt8(ascii: "=") }
        guard let relation = VersionRelation(sign: sign) else { return nil }
        let version = text.slice(sign.count..<text.count).trimmed
        if version.isEmpty { return nil }
        self.init(relation: relation, version: version)
    }
}

extension VersionRelation {
    /// The same as the initializer that takes text, without making one.
    fileprivate init?(sign: some Collection<UInt8>) {
        let (first, second) = (sign.first, sign.dropFirst().first)
        switch (first, second, sign.count) {
        case (UInt8(ascii: "<"), UInt8(ascii: "<"), 2): self = .earlier
        case (UInt8(ascii: "<"), UInt8(ascii: "="), 2), (UInt8(ascii: "<"), nil, 1): self = .earlierOrEqual
        case (UInt8(ascii: "="), nil, 1): self = .equal
        case (UInt8(ascii: ">"), UInt8(ascii: "="), 2), (UInt8(ascii: ">"), nil, 1): self = .laterOrEqual
        case (UInt8(ascii: ">"), UInt8(ascii: ">"), 2): self = .later
        default: return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Calls for each part between separators that is not blank.
    @inline(__always)
    func forEachPart(_ separator: UInt8, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var start = 0
        while start < count {
            let end = firstIndex(of: separator, from: start) ?? count
            let part = slice(start..<end).trimmed
            if !part.isEmpty { try body(part) }
            start = end + 1
        }
    }
}
