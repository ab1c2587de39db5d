import Basics

/// A glob on bytes that has to match the whole name: `*` any bytes (`/` too), `?` one byte, `[a-z]`, `[!a-z]` one of a set,
/// `\` takes the next byte as it is.
struct Glob: Sendable {
    private enum Token: Sendable {
        case byte(UInt8)
        case anyByte
        case anyBytes
        /// A bit for each byte value.
        case set(SIMD4<UInt64>)
    }

    private let tokens: [Token]
    /// The bytes, if there is nothing but bytes; nearly every pattern is this or a prefix.
    private let literal: [UInt8]?
    private let prefix: [UInt8]?

    /// Nil for a `[` without `]`, a range that runs backwards, or a `\` at the end.
    init?(_ pattern: some Collection<UInt8>) {
        var tokens: [Token] = []
        var rest = Array(pattern)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"):
                if case .anyBytes? = tokens.last { continue }
                tokens.append(.anyBytes)
            case UInt8(ascii: "?"): tokens.append(.anyByte)
            case UInt8(ascii: "["):
                guard let set = Glob.set(&rest) else { return nil }
                tokens.append(.set(set))
            case UInt8(ascii: "\\"):
                guard let next = rest.popFirst() else { return nil }
                tokens.append(.byte(next))
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
        literal = Glob.bytes(tokens[...])
        if case .anyBytes? = tokens.last { prefix = Glob.bytes(tokens.dropLast()) } else { prefix = nil }
    }

    private static func bytes(_ tokens: ArraySlice<Token>) -> [UInt8]? {
        var result: [UInt8] = []
        for token in tokens {
            guard case .byte(let byte) = token else { return nil }
            result.append(byte)
        }
        return result
    }

    private static func set(_ rest: inout ArraySlice<UInt8>) -> SIMD4<UInt64>? {
        var set = SIMD4<UInt64>()
        var isNegated = false
        if rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^") {
            isNegated = true
            rest.removeFirst()
        }
        var isFirst = true
        while let low = rest.popFirst() {
            // A bracket that comes first stands for itself.
            if low == UInt8(ascii: "]"), !isFirst { return isNegated ? ~set : set }
            isFirst = false
            var high = low
            if rest.first == UInt8(ascii: "-"), let end = rest.dropFirst().first, end != UInt8(ascii: "]") {
                high = end
                rest = rest.dropFirst(2)
            }
            guard low <= high else { return nil }
            for byte in low...high { set[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
        }
        return nil
    }

    func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        if let literal { return name.elementsEqual(literal) }
        if let prefix { return name.starts(with: prefix) }
        // One place to go back to is enough: a later `*` makes an earlier one's choice final.
        var at = 0
        var token = 0
        var retry: (token: Int, at: Int)?
        while at < name.count {
            if token < tokens.count, case .anyBytes = tokens[token] {
                token += 1
                retry = (token, at)
            } else if token < tokens.count, accepts(tokens[token], name[at]) {
                token += 1
                at += 1
            } else if let place = retry {
                retry = (place.token, place.at + 1)
                token = place.token
                at = place.at + 1
            } else {
                return false
            }
        }
        while token < tokens.count, case .anyBytes = tokens[token] { token += 1 }
        return token == tokens.count
    }

    @inline(__always)
    private func accepts(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .byte(let wanted): wanted == byte
        case .anyByte, .anyBytes: true
        case .set(let set): set[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1
        }
    }
}
