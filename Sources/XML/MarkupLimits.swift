/// What a document may ask of its reader.
public struct MarkupLimits: Sendable {
    /// Elements within each other.
    public var depth = 64
    /// Of an element's or attribute's name, in bytes.
    public var nameSize = 1000
    /// Attributes of one element.
    public var attributes = 100
    /// Of one attribute, in bytes.
    public var attributeSize = 1 << 20

    public init() {}
}
