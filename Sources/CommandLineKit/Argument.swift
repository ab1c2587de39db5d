/// A word of a command that is not an option.
public struct Argument: Sendable {
    /// How many words it takes.
    public enum Count: Sendable {
        case one, optional, any, some

        var isRequired: Bool { self == .one || self == .some }
        var isRepeated: Bool { self == .any || self == .some }
    }

    /// What stands for it in help; also its key: `REPO`.
    public let name: String
    public let count: Count
    /// One sentence without a full stop.
    public let help: String
    public let completion: Completion

    public init(_ name: String, _ count: Count, _ help: String, completion: Completion = .none) {
        self.name = name
        self.count = count
        self.help = help
        self.completion = completion
    }

    /// `REPO`, `[DIR]`, `[REPO...]`, `FILE...`
    var spelling: String {
        switch count {
        case .one: name
        case .optional: "[\(name)]"
        case .any: "[\(name)...]"
        case .some: "\(name)..."
        }
    }
}
