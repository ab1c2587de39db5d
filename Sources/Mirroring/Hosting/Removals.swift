import Basics

/// The words by which a user removes packages: each selects all packages of which it is one of the names.
public final class Removals {
    public let words: [String]
    private var matched: Set<String> = []

    public init(_ words: [String]) { self.words = words }

    public var isEmpty: Bool { words.isEmpty }

    /// Whether a package is removed.
    /// - Parameter names: what its ecosystem calls it, from its bare name to its file's.
    public func takes(_ names: @autoclosure () -> some Collection<String>) -> Bool {
        if words.isEmpty { return false }
        let names = names()
        var isTaken = false
        for word in words where names.contains(word) {
            matched.insert(word)
            isTaken = true
        }
        return isTaken
    }

    /// To be called once all packages were asked for.
    /// - Parameter names: the bare names of what there is, to help with a misspelled one.
    /// - Throws: ``ChantalError`` `not_found` for words that select nothing.
    public func requireAllMatched(in repository: String, names: @autoclosure () -> [String], form: String) throws {
        let open = words.filter { !matched.contains($0) }
        guard let first = open.first else { return }
        let listed = open.map { "'\($0)'" }.joined(separator: ", ")
        let near = NearName.of(first, among: names()).map { "did you mean '\($0)'? " } ?? ""
        throw ChantalError(
            .notFound, "'\(repository)' has no package \(listed)", hint: near + "a package is named \(form)")
    }
}
