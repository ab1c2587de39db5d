import Basics

/// An option as the parser, the help and the shells see it.
public struct OptionDeclaration: Sendable {
    /// Without the dashes.
    public let long: String
    public let short: Character?
    /// What stands for the value; nil for a flag.
    public let placeholder: String?
    /// One sentence without a full stop.
    public let help: String
    /// The value used when the option is not given, for people.
    public let defaultText: String?
    public let completion: Completion
    /// Whether it may be given more than once.
    public let isRepeatable: Bool
    let read: @Sendable (String) throws -> any Sendable

    public var takesValue: Bool { placeholder != nil }

    /// `--jobs N`
    public var spelling: String { placeholder.map { "--\(long) \($0)" } ?? "--\(long)" }
}

/// Anything that declares an option.
public protocol OptionDeclaring: Sendable {
    var declaration: OptionDeclaration { get }
}

/// An option without a value.
public struct Flag: OptionDeclaring {
    public let declaration: OptionDeclaration

    public init(_ long: String, short: Character? = nil, _ help: String) {
        declaration = OptionDeclaration(
            long: long, short: short, placeholder: nil, help: help, defaultText: nil, completion: .none,
            isRepeatable: false, read: { _ in true })
    }
}

/// An option with a value of a type.
public struct ValueOption<Value: Sendable>: OptionDeclaring {
    public let declaration: OptionDeclaration

    /// - Parameters:
    ///   - placeholder: what stands for the value in help: `N`, `FILE`.
    ///   - parse: throws a ``ChantalError`` whose message continues `--option: `.
    public init(
        _ long: String, short: Character? = nil, _ placeholder: String, _ help: String,
        default defaultText: String? = nil,
        completion: Completion = .none, isRepeatable: Bool = false,
        parse: @escaping @Sendable (String) throws -> Value
    ) {
        declaration = OptionDeclaration(
            long: long, short: short, placeholder: placeholder, help: help, defaultText: defaultText,
            completion: completion, isRepeatable: isRepeatable, read: { try parse($0) })
    }
}

extension ValueOption where Value == String {
    /// A text, not empty.
    public init(
        _ long: String, short: Character? = nil, _ placeholder: String, _ help: String,
        default defaultText: String? = nil, completion: Completion = .none, isRepeatable: Bool = false
    ) {
        self.init(
            long, short: short, placeholder, help, default: defaultText, completion: completion,
            isRepeatable: isRepeatable, parse: OptionValue.text)
    }
}

extension ValueOption where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words of an enumeration.
    public init(
        choice long: String, short: Character? = nil, _ help: String, default defaultText: String? = nil
    ) {
        let words = Value.allCases.map(\.rawValue)
        self.init(
            long, short: short, words.joined(separator: "|"), help, default: defaultText, completion: .words(words)
        ) { text in
            guard let value = Value(rawValue: text) else { throw OptionValue.noChoice(text, among: words) }
            return value
        }
    }
}

/// Readers of option values.
public enum OptionValue {
    /// The error for a word that is none of the possible ones.
    public static func noChoice(_ text: String, among words: [String]) -> ChantalError {
        ChantalError(
            .usage, "'\(DisplayName.quoted(text))' is none of \(words.joined(separator: ", "))",
            hint: NearName.of(text, among: words).map { "did you mean '\($0)'?" })
    }

    /// A text, not empty.
    public static let text: @Sendable (String) throws -> String = { text in
        guard !text.isEmpty else { throw ChantalError(.usage, "the value is empty") }
        return text
    }

    /// A decimal number within a range.
    public static func number(_ range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
        { text in
            guard let value = Int(text), text.utf8.allSatisfy(\.isASCIIDigit) else {
                throw ChantalError(.usage, "'\(text)' is not a number")
            }
            guard range.contains(value) else {
                let limit =
                    range.upperBound == .max
                    ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
                throw ChantalError(.usage, "\(value) is out of range", hint: "give a number of \(limit)")
            }
            return value
        }
    }

    /// Bytes of a size: `650MB`, `4GiB`, `1500000`; decimal and binary units.
    public static let size: @Sendable (String) throws -> Int64 = { text in
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        var factor: Int64? = ["": 1, "B": 1][String(text.dropFirst(digits.count))]
        for (power, letter) in ["k", "M", "G", "T"].enumerated() {
            let unit = text.dropFirst(digits.count)
            let names = [letter, letter.uppercased()]
            if names.contains(where: { unit == "\($0)B" }) {
                factor = (0...power).reduce(1) { value, _ in value * 1000 }
            }
            if names.contains(where: { unit == "\($0)iB" }) {
                factor = (0...power).reduce(1) { value, _ in value * 1024 }
            }
        }
        guard let factor, let number = Int64(digits), number > 0,
            case (let bytes, let over) = number.multipliedReportingOverflow(by: factor), !over
        else { throw ChantalError(.usage, "'\(text)' is not a size", hint: "write it as 650MB, 4GB or 4GiB") }
        return bytes
    }

    /// Seconds of a span: `30s`, `5m`, `12h`, `7d`, `2w`; `0` needs no unit.
    public static let duration: @Sendable (String) throws -> Int64 = { text in
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        if text == "0" { return 0 }
        guard let last = text.last, let unit = units[last], let number = Int64(text.dropLast()), number >= 0,
            case (let seconds, let over) = number.multipliedReportingOverflow(by: unit), !over
        else {
            throw ChantalError(.usage, "'\(text)' is not a span of time", hint: "write it as 30s, 5m, 12h, 7d or 2w")
        }
        return seconds
    }
}
