/// When to use colour: `--color auto|always|never`.
public enum ColorMode: String, CaseIterable, Sendable {
    case auto, always, never

    /// `auto` is colour on a terminal unless `NO_COLOR` is set and not empty (no-color.org).
    public func isEnabled(isTerminal: Bool, environment: [String: String]) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: isTerminal && (environment["NO_COLOR"] ?? "").isEmpty
        }
    }
}

/// Emphasis by SGR sequences (ECMA-48, 8.3.117), or none.
public struct Palette: Sendable {
    public let isEnabled: Bool

    /// No emphasis.
    public static let none = Palette(isEnabled: false)

    public init(isEnabled: Bool) { self.isEnabled = isEnabled }

    public func bold(_ text: String) -> String { styled("1", text) }
    public func dim(_ text: String) -> String { styled("2", text) }
    public func red(_ text: String) -> String { styled("31", text) }
    public func green(_ text: String) -> String { styled("32", text) }
    public func yellow(_ text: String) -> String { styled("33", text) }
    public func cyan(_ text: String) -> String { styled("36", text) }

    private func styled(_ code: String, _ text: String) -> String {
        isEnabled && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
