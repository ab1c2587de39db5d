/// Header fields in the order they came; names are compared without regard to case (RFC 9110, 5.1).
public struct HTTPFields: Sendable, ExpressibleByArrayLiteral {
    public private(set) var all: [(name: String, value: String)] = []

    public init(arrayLiteral elements: (String, String)...) { all = elements.map { ($0.0, $0.1) } }
    public init(_ fields: [(String, String)]) { all = fields.map { ($0.0, $0.1) } }

    /// The first value of a name; setting replaces all of that name, nil removes them.
    public subscript(name: String) -> String? {
        get { all.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            all.removeAll { $0.name.lowercased() == name.lowercased() }
            if let newValue { all.append((name, newValue)) }
        }
    }

    public mutating func append(_ name: String, _ value: String) { all.append((name, value)) }
}
