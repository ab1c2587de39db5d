import Basics
import YAML

/// Further files of a configuration: a name, or a glob on names.
struct IncludePattern: Sendable {
    /// Absolute.
    let path: String
    /// The same for glob(3), nil for a plain name.
    private let glob: String?

    init(_ text: String, _ context: ParseContext) {
        path = context.resolve(text)
        guard text.utf8.contains(where: { "*?[".utf8.contains($0) }) else {
            glob = nil
            return
        }
        // The directory is a plain name whatever it holds.
        let escaped = context.directory.flatMap { "*?[\\".contains($0) ? "\\\($0)" : "\($0)" }
        glob = text.hasPrefix("/") ? text : String(escaped) + "/" + text
    }

    /// The files, in order; a plain name counts whether it is there or not.
    func files() throws -> [String] { try glob.map(ConfigurationFiles.matching) ?? [path] }
}

extension ValueKind where Value == IncludePattern {
    /// A file or a glob; relative to the file that names it.
    static var include: ValueKind {
        ValueKind(
            typeName: "path or glob", schema: ValueKind<String>.path.schema,
            parse: { node, context in
                let text = try context.text(node, expected: "a path or a glob")
                if text.isEmpty { throw context.error(node, "the path is empty") }
                return IncludePattern(text, context)
            }, show: { .path($0.path) })
    }
}
