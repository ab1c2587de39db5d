import Basics

/// The options of one line of a requirements file (pip, "Supported options").
struct RequirementsOptions {
    enum Kind: Sendable {
        case requirements, constraints, editable, hash, preReleases
        /// Where clients look and what they prefer: that is the repository's configuration.
        case ignored
    }

    private(set) var found: [(kind: Kind, name: String, value: String)] = []

    func values(_ kind: Kind) -> [String] { found.filter { $0.kind == kind }.map(\.value) }

    private static let known: [(names: [String], kind: Kind, takesValue: Bool)] = [
        (["-r", "--requirement", "--requirements"], .requirements, true),
        (["-c", "--constraint", "--constraints"], .constraints, true), (["-e", "--editable"], .editable, true),
        (["--hash"], .hash, true), (["--pre"], .preReleases, false),
        (["-i", "--index-url", "--pypi-url"], .ignored, true), (["--extra-index-url"], .ignored, true),
        (["-f", "--find-links"], .ignored, true), (["--no-index"], .ignored, false),
        (["--no-binary"], .ignored, true), (["--only-binary"], .ignored, true),
        (["--prefer-binary"], .ignored, false), (["--require-hashes"], .ignored, false),
        (["--trusted-host"], .ignored, true), (["--use-feature"], .ignored, true),
        (["-C", "--config-settings", "--config-setting"], .ignored, true), (["--global-option"], .ignored, true),
        (["--install-option"], .ignored, true), (["-Z", "--always-unzip"], .ignored, false),
    ]

    /// What is wrong with the words of a line.
    struct Problem: Error { var message: String }

    init(_ text: String) throws {
        var words = try RequirementsOptions.words(text)[...]
        while let word = words.popFirst() {
            // pip leaves words that belong to no option alone.
            guard word.hasPrefix("-"), word != "-" else { continue }
            let (name, attached) = RequirementsOptions.split(word)
            let matching = RequirementsOptions.known.filter { option in
                option.names.contains(name) || (name.hasPrefix("--") && option.names.contains { $0.hasPrefix(name) })
            }
            let exact = matching.first { $0.names.contains(name) }
            guard let option = exact ?? (matching.count == 1 ? matching[0] : nil) else {
                throw Problem(message: "the option '\(name)' is not one of requirements files")
            }
            var value = attached ?? ""
            if option.takesValue, attached == nil {
                guard let next = words.popFirst() else { throw Problem(message: "the option '\(name)' has no value") }
                value = next
            } else if !option.takesValue, attached != nil {
                throw Problem(message: "the option '\(name)' takes no value")
            }
            found.append((option.kind, name, value))
        }
    }

    /// `--name=value`, `-nvalue`
    private static func split(_ word: String) -> (String, String?) {
        if word.hasPrefix("--") {
            guard let sign = word.firstIndex(of: "=") else { return (word, nil) }
            return (String(word[..<sign]), String(word[word.index(after: sign)...]))
        }
        let name = String(word.prefix(2))
        return (name, word.count > 2 ? String(word.dropFirst(2)) : nil)
    }

    /// Splits as a shell does: blanks, quotes and backslashes.
    private static func words(_ text: String) throws -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let character = rest.popFirst() {
            switch (character, quote) {
            case ("\\", nil), ("\\", "\""):
                guard let next = rest.popFirst() else { throw Problem(message: "a backslash ends the line") }
                let isKept = quote == "\"" && next != "\"" && next != "\\"
                word = (word ?? "") + (isKept ? "\\" : "") + String(next)
            case (let sign, let open?) where sign == open: quote = nil
            case ("\"", nil), ("'", nil):
                quote = character
                word = word ?? ""
            case (" ", nil), ("\t", nil):
                if let complete = word { words.append(complete) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if quote != nil { throw Problem(message: "a quote is not closed") }
        if let complete = word { words.append(complete) }
        return words
    }
}
