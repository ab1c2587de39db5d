import Testing

/// One claim of a conformance suite: holds for every implementation of a protocol.
struct Claim<Subject>: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// Gets a function that makes a new, empty subject.
    let check: @Sendable (_ make: () throws -> Subject) throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (_ make: () throws -> Subject) throws -> Void) {
        testDescription = description
        self.check = check
    }
}
