import Basics

/// The ecosystems of this program, by type.
public struct EcosystemRegistry: Sendable {
    public let all: [any Ecosystem.Type]

    public init(_ all: [any Ecosystem.Type]) { self.all = all }

    public var declarations: [EcosystemDeclaration] { all.map { $0.declaration } }

    /// - Throws: `config` for a type that this program does not know: a store may hold what a newer one has mirrored.
    public func type(_ name: String) throws -> any Ecosystem.Type {
        guard let found = all.first(where: { $0.declaration.type == name }) else {
            throw ChantalError(
                .config, "this chantal does not know repositories of type '\(name)'",
                hint: "it knows " + all.map { $0.declaration.type }.joined(separator: ", "))
        }
        return found
    }
}
