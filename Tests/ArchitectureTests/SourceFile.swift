import TestSupport

/// A Swift file of Sources/, read as far as the rules of the house need it.
struct SourceFile {
    /// Below the project's root.
    let path: String
    let room: String
    let text: String
    /// Lines without comments, and without the contents of string literals.
    let code: [Substring]

    init(path: String, room: String, text: String) {
        self.path = path
        self.room = room
        self.text = text
        code = SourceFile.code(of: text)
    }

    /// All of Sources/.
    static func all() throws -> [SourceFile] {
        try Files.walk(Project.path("Sources")).filter { $0.hasSuffix(".swift") }.map { path in
            SourceFile(
                path: "Sources/\(path)", room: String(path.prefix { $0 != "/" }),
                text: try Files.text(Project.path("Sources/\(path)")))
        }
    }

    private static func code(of text: String) -> [Substring] {
        var isInText = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let marks = line.matches(of: /"{3}/).count
            defer { if marks % 2 == 1 { isInText.toggle() } }
            if isInText { return "" }
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix("//") { return "" }
            guard line.utf8.contains(UInt8(ascii: "\"")) || line.utf8.contains(UInt8(ascii: "/")) else { return line }
            let plain = String(line).replacing(/"(\\.|[^"\\])*"/, with: "\"\"")
            guard let comment = plain.firstRange(of: " //") else { return Substring(plain) }
            return plain[..<comment.lowerBound]
        }
    }

    /// A module that it imports, and whether C types could reach the room's own interface by it.
    struct Imported: Equatable {
        let module: String
        let isInternal: Bool
    }

    var imports: [Imported] {
        let pattern =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
        return code.compactMap { line in
            guard line.contains("import"), let match = line.firstMatch(of: pattern) else { return nil }
            let access = match.1.map(String.init) ?? "public"
            return Imported(module: String(match.2), isInternal: access != "public" && access != "package")
        }
    }

    /// Names of the types that it declares.
    var types: [String] {
        let pattern = /\b(?:struct|class|enum|actor|protocol|typealias)\s+([A-Za-z_]\w*)/
        let words = ["struct", "class", "enum", "actor", "protocol", "typealias"]
        return code.filter { line in words.contains { line.contains($0) } }.flatMap { line in
            line.matches(of: pattern).map { String($0.1) }
        }
    }

    /// Names of the functions, and of the parameters that are functions, which it declares.
    var functions: Set<String> {
        let named = code.flatMap { $0.matches(of: /\bfunc\s+(\w+)/).map { String($0.1) } }
        let given = code.flatMap { line in
            line.matches(of: /(\w+):\s*(?:@\w+\s+)*\([^()]*\)\s*(?:throws\s*)?->/).map { String($0.1) }
        }
        return Set(named + given)
    }

    var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }
}
