import Foundation
import TestSupport
import Testing

/// The answers of the reference tools, which lie beside the checkout.
enum Vectors {
    static func path(_ name: String) -> String { Project.path("../shared/fixtures/pypi/\(name)") }

    /// Nil only where the checkout stands alone; in continuous integration that is an error.
    static var areThere: Bool {
        FileManager.default.fileExists(atPath: path("MANIFEST.md")) || ProcessInfo.processInfo.environment["CI"] != nil
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    static func read<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(try bytes(name)))
    }
}

/// A value of JSON without a fixed type.
enum Loose: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([Loose])
    case object([String: Loose])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([Loose].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: Loose].self) {
            self = .object(value)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var items: [Loose]? { if case .array(let value) = self { value } else { nil } }
    var members: [String: Loose]? { if case .object(let value) = self { value } else { nil } }
    subscript(name: String) -> Loose? { members?[name] }
}

extension Loose {
    /// The texts of an array.
    var strings: [String]? { items?.compactMap { $0.string } }
}

/// The value, which has to be there.
func need<Value>(_ value: Value?, sourceLocation: SourceLocation = #_sourceLocation) throws -> Value {
    try #require(value, sourceLocation: sourceLocation)
}
