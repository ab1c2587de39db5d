import Basics

/// What a command line says, checked against the declarations.
public struct ParsedArguments: Sendable {
    var values: [String: [any Sendable]] = [:]
    var words: [String: [String]] = [:]

    public init() {}

    /// Whether a flag was given.
    public subscript(_ flag: Flag) -> Bool { values[flag.declaration.long] != nil }

    /// The value of an option, the last if it was given more than once.
    public subscript<Value>(_ option: ValueOption<Value>) -> Value? { all(option).last }

    /// Every value of an option.
    public func all<Value>(_ option: ValueOption<Value>) -> [Value] {
        (values[option.declaration.long] ?? []).compactMap { $0 as? Value }
    }

    /// The words of an argument.
    public subscript(_ argument: Argument) -> [String] { words[argument.name] ?? [] }

    /// The word of an argument that takes at most one.
    public func first(_ argument: Argument) -> String? { words[argument.name]?.first }

    /// The word of an argument that must be there.
    ///
    /// - Throws: ``ChantalError`` `usage` when it is not.
    public func required(_ argument: Argument) throws -> String {
        guard let word = words[argument.name]?.first else { throw ChantalError(.usage, "\(argument.name) is missing") }
        return word
    }
}
