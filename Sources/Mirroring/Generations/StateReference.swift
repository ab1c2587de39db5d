import Basics
import Store

/// A state as a user names it: `debian` (the latest generation), `debian@12` (a generation), `debian@2026-11` (a snapshot).
public struct StateReference: Hashable, Sendable, CustomStringConvertible {
    public enum Selector: Hashable, Sendable {
        case latest
        case generation(Int)
        case snapshot(String)
    }

    public let repository: String
    public let selector: Selector

    public init(repository: String, selector: Selector) {
        self.repository = repository
        self.selector = selector
    }

    /// - Throws: `usage` for a text of no such form.
    public init(_ text: String) throws {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        repository = parts[0]
        try StoreNames.checkRepository(repository)
        guard parts.count == 2 else {
            selector = .latest
            return
        }
        if let number = Int(parts[1]), parts[1].utf8.allSatisfy(\.isASCIIDigit) {
            selector = .generation(number)
        } else {
            try StoreNames.checkSnapshot(parts[1])
            selector = .snapshot(parts[1])
        }
    }

    public var description: String {
        switch selector {
        case .latest: repository
        case .generation(let number): "\(repository)@\(number)"
        case .snapshot(let name): "\(repository)@\(name)"
        }
    }
}
