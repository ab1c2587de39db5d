/// A value in a YAML document, with the place where it stands.
///
/// Scalars are text as written (after unquoting); nothing is taken for a number, a date or a truth value.
/// An alias stands for the very node it names, so its place is that of the anchor.
public final class YAMLNode: Sendable {
    public enum Content: Sendable {
        /// `isPlain` tells `""` from nothing at all.
        case scalar(text: String, isPlain: Bool)
        case sequence([YAMLNode])
        /// In the order of the file; no key twice.
        case mapping([YAMLEntry])
    }

    public let content: Content
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int
    /// Number of nodes below and including this one, aliases counted as often as they are used.
    let weight: Int

    init(_ content: Content, line: Int, column: Int, weight: Int) {
        self.content = content
        self.line = line
        self.column = column
        self.weight = weight
    }

    /// Whether there is nothing after the key: `key:`, not `key: ""`.
    public var isEmpty: Bool {
        if case .scalar(let text, isPlain: true) = content { return text.isEmpty }
        return false
    }

    /// The text of a scalar, nil for a sequence or a mapping.
    public var text: String? {
        if case .scalar(let text, _) = content { return text }
        return nil
    }

    /// The items of a sequence, nil for anything else.
    public var items: [YAMLNode]? {
        if case .sequence(let items) = content { return items }
        return nil
    }

    /// The entries of a mapping, nil for anything else.
    public var entries: [YAMLEntry]? {
        if case .mapping(let entries) = content { return entries }
        return nil
    }

    /// The value of a mapping's key; nil if there is none or this is no mapping.
    public subscript(key: String) -> YAMLNode? {
        entries?.first(where: { $0.key == key })?.value
    }
}

/// A key of a mapping, with its place, and its value.
public struct YAMLEntry: Sendable {
    public let key: String
    public let line: Int
    public let column: Int
    public let value: YAMLNode
}
