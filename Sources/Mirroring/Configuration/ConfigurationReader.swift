import Basics
import YAML

/// Reads the files of a configuration into the keys at the top and the named mappings below `repositories` and `views`.
struct ConfigurationReader {
    /// A named mapping and the file it stands in.
    struct Named {
        let entry: YAMLEntry
        let context: ParseContext
        var location: SourceLocation {
            SourceLocation(file: context.file, line: entry.line, column: entry.column)
        }
    }

    /// A configuration is written by hand; what is larger is something else.
    static let sizeLimit = 4 << 20

    let environment: [String: String]
    let diagnostics: Diagnostics
    private(set) var path = ""
    /// Absolute, in order.
    private(set) var files: [String] = []
    private(set) var root: SectionValues?
    private(set) var repositories: [Named] = []
    private(set) var views: [Named] = []
    private var canonicalNames: Set<String> = []

    init(environment: [String: String], diagnostics: Diagnostics) {
        self.environment = environment
        self.diagnostics = diagnostics
    }

    mutating func readMain(_ name: String) {
        do {
            path = try ConfigurationFiles.absolute(name)
            try read(absolute: path, shown: name)
        } catch {
            diagnostics.add(ChantalError.wrap(error, .config).asConfiguration)
        }
    }

    private mutating func read(absolute: String, shown: String) throws {
        // A file that several globs match, or that includes itself, counts once.
        guard canonicalNames.insert(ConfigurationFiles.canonical(absolute)).inserted else { return }
        files.append(absolute)
        let bytes = try ConfigurationFiles.read(absolute, limit: ConfigurationReader.sizeLimit)
        let context = ParseContext(
            file: shown, directory: ConfigurationFiles.directory(of: absolute), environment: environment)
        guard let document = try YAMLDocument.parse(bytes, file: shown) else {
            if root == nil { root = SectionValues(declaration: RootSettings.declaration, location: .top(of: shown)) }
            return
        }
        guard let entries = document.entries else {
            throw context.error(document, "expected a mapping with keys such as 'store' and 'repositories'")
        }
        let values = RootSettings.declaration.read(
            document, context, diagnostics, ignoring: [RootSettings.repositoriesName, RootSettings.viewsName])
        merge(values)
        repositories += named(RootSettings.repositoriesName, in: entries, context)
        views += named(RootSettings.viewsName, in: entries, context)
        try include(values)
    }

    /// Takes over the keys at the top of one more file.
    private mutating func merge(_ values: SectionValues) {
        guard let present = root else {
            root = values
            return
        }
        for (name, place) in values.locations.sorted(by: { $0.value.line < $1.value.line })
        where name != RootSettings.include.name {
            if let first = present.locations[name] {
                diagnostics.add(place.error("'\(name)' is given already at \(first)", hint: "keep one of the two"))
            }
        }
        root = present.inheriting(values)
    }

    private func named(_ key: String, in entries: [YAMLEntry], _ context: ParseContext) -> [Named] {
        guard let node = entries.first(where: { $0.key == key })?.value, !node.isEmpty else { return [] }
        guard let entries = node.entries else {
            diagnostics.add(context.error(node, "expected a mapping from names to \(key)"))
            return []
        }
        return entries.map { Named(entry: $0, context: context) }
    }

    private mutating func include(_ values: SectionValues) throws {
        for pattern in values.value(RootSettings.include) {
            let place = values.location(of: RootSettings.include.name)
            do {
                for name in try pattern.files() { try read(absolute: name, shown: name) }
            } catch let error as ChantalError where error.code != .config {
                throw place.error("cannot include '\(pattern.path)': \(error)", hint: error.hint)
            }
        }
    }
}

extension SourceLocation {
    static func top(of file: String) -> SourceLocation { SourceLocation(file: file, line: 1, column: 1) }
}

extension ChantalError {
    /// A file that cannot be read, too, makes a configuration wrong.
    fileprivate var asConfiguration: ChantalError {
        if code == .config { return self }
        return ChantalError(
            .config, "cannot read the configuration", hint: hint, path: path, cause: self)
    }
}
