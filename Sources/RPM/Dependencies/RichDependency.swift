import Basics

/// What a package requires, as spec files have it: a name with or without a bound, or several of them in parentheses (rpm's boolean
/// dependencies, `rpm-dependencies`). Views into the text.
indirect enum RichDependency {
    case plain(PlainDependency)
    case and([RichDependency])
    case or([RichDependency])
    /// One package that meets all of them.
    case with([RichDependency])
    /// One package that meets the first and not the second.
    case without(RichDependency, RichDependency)
    case ifThere(RichDependency, condition: RichDependency, otherwise: RichDependency?)
    case unlessThere(RichDependency, condition: RichDependency, otherwise: RichDependency?)

    /// Nil for what is none.
    init?(_ text: UnsafeRawBufferPointer) {
        var reader = RichDependencyReader(text: text)
        guard let value = reader.dependency(depth: 0), reader.isAtEnd else { return nil }
        self = value
    }
}

/// A name that packages provide, perhaps within bounds.
struct PlainDependency {
    let name: UnsafeRawBufferPointer
    let sense: Sense
    /// Empty without bounds.
    let evr: UnsafeRawBufferPointer
}

/// In which directions from a version others lie (`RPMSENSE_LESS`, `_GREATER`, `_EQUAL`).
struct Sense: OptionSet {
    let rawValue: UInt8
    static let less = Sense(rawValue: 1)
    static let greater = Sense(rawValue: 2)
    static let equal = Sense(rawValue: 4)

    /// What primary.xml says: `EQ`, `LE`, …; nothing for anything else.
    init(flags: some Collection<UInt8>) {
        let text = String(decoding: flags, as: UTF8.self)
        self = Sense.flags[text] ?? []
    }

    /// What a spec file says: `=`, `<=`, …; nil for anything else.
    init?(sign: some Collection<UInt8>) {
        guard let sense = Sense.signs[String(decoding: sign, as: UTF8.self)] else { return nil }
        self = sense
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    private static let flags: [String: Sense] = [
        "LT": .less, "LE": [.less, .equal], "EQ": .equal, "GE": [.greater, .equal], "GT": .greater,
    ]
    private static let signs: [String: Sense] = [
        "<": .less, "<=": [.less, .equal], "=": .equal, "==": .equal, ">=": [.greater, .equal], ">": .greater,
    ]

    /// `>=`; empty without bounds.
    var sign: String {
        (contains(.less) ? "<" : "") + (contains(.greater) ? ">" : "") + (contains(.equal) ? "=" : "")
    }

    /// Whether what lies on one side of a version meets what lies on another side of another: `order` is that of the first to the
    /// second. Something without bounds meets everything.
    func meets(_ other: Sense, order: Int) -> Bool {
        if isEmpty || other.isEmpty { return true }
        if order < 0 { return contains(.greater) || other.contains(.less) }
        if order > 0 { return contains(.less) || other.contains(.greater) }
        return !isDisjoint(with: other)
    }
}

/// Reads the text of one dependency.
private struct RichDependencyReader {
    let text: UnsafeRawBufferPointer
    private var place = 0

    /// Parentheses within each other.
    private static let depthLimit = 32

    init(text: UnsafeRawBufferPointer) { self.text = text }

    var isAtEnd: Bool { rest.isEmpty }

    private var rest: UnsafeRawBufferPointer { text.slice(place..<text.count).trimmed }

    private mutating func skipBlanks() { while place < text.count, text[place].isASCIISpace { place += 1 } }

    mutating func dependency(depth: Int) -> RichDependency? {
        skipBlanks()
        guard place < text.count, depth <= RichDependencyReader.depthLimit else { return nil }
        guard text[place] == UInt8(ascii: "(") else { return plain() }
        place += 1
        guard let value = chain(depth: depth) else { return nil }
        skipBlanks()
        guard place < text.count, text[place] == UInt8(ascii: ")") else { return nil }
        place += 1
        return value
    }

    /// What stands within parentheses: one operator, with as many operands as it takes.
    private mutating func chain(depth: Int) -> RichDependency? {
        guard let first = dependency(depth: depth + 1) else { return nil }
        guard let name = word() else { return first }
        guard let second = dependency(depth: depth + 1) else { return nil }
        switch name {
        case "and", "or", "with":
            var parts = [first, second]
            while let next = word() {
                guard next == name, let part = dependency(depth: depth + 1) else { return nil }
                parts.append(part)
            }
            return name == "and" ? .and(parts) : name == "or" ? .or(parts) : .with(parts)
        case "without": return .without(first, second)
        case "if", "unless":
            var otherwise: RichDependency?
            if let next = word() {
                guard next == "else", let part = dependency(depth: depth + 1) else { return nil }
                otherwise = part
            }
            return name == "if"
                ? .ifThere(first, condition: second, otherwise: otherwise)
                : .unlessThere(first, condition: second, otherwise: otherwise)
        default: return nil
        }
    }

    /// An operator; nil before a closing parenthesis and at the end.
    private mutating func word() -> String? {
        skipBlanks()
        let start = place
        while place < text.count, text[place].isASCIILetter { place += 1 }
        return start == place ? nil : text.slice(start..<place).text
    }

    private mutating func plain() -> RichDependency? {
        let name = token()
        if name.isEmpty { return nil }
        let before = place
        skipBlanks()
        let start = place
        while place < text.count, "<>=".utf8.contains(text[place]) { place += 1 }
        guard place > start else {
            place = before
            return .plain(PlainDependency(name: name, sense: [], evr: name.slice(0..<0)))
        }
        guard let sense = Sense(sign: text.slice(start..<place)) else { return nil }
        skipBlanks()
        let evr = token()
        return evr.isEmpty ? nil : .plain(PlainDependency(name: name, sense: sense, evr: evr))
    }

    /// Up to a blank, or to a closing parenthesis that the token has not opened itself: `perl(Carp)`, `libc.so.6()(64bit)`.
    private mutating func token() -> UnsafeRawBufferPointer {
        let start = place
        var depth = 0
        while place < text.count, !text[place].isASCIISpace {
            if text[place] == UInt8(ascii: "(") { depth += 1 }
            if text[place] == UInt8(ascii: ")") {
                if depth == 0 { break }
                depth -= 1
            }
            place += 1
        }
        return text.slice(start..<place)
    }
}
