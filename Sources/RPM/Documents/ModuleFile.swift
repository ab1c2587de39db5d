import Basics

/// modules.yaml: documents of streams, with defaults, obsoletes and translations.
///
/// Documents are kept or dropped whole, and what is kept is copied byte for byte: a YAML library would turn `2.10` into 2.1.
struct ModuleFile {
    let documents: [ModuleDocument]

    /// Fedora's has 1 MB, RHEL's 20.
    static let sizeLimit = 256 << 20

    init(documents: [ModuleDocument]) { self.documents = documents }

    /// - Throws: `malformed` with the line, for anything that a client would trip over: one bad document hides all modules from dnf.
    init(_ bytes: [UInt8], file: String) throws {
        documents = try ModuleFile.split(bytes).compactMap { part in
            try ModuleDocument(part.bytes, file: file, line: part.line)
        }
    }

    private struct Part {
        var bytes: [UInt8]
        var line: Int
    }

    /// Cuts at lines that begin with `---` or `...`: within a document none can, not even in a block of text (YAML 1.2, 9.1.2).
    private static func split(_ bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var current = Part(bytes: [], line: 1)
        var number = 0
        func isMark(_ line: ArraySlice<UInt8>, _ mark: String) -> Bool {
            line.starts(with: mark.utf8) && (line.dropFirst(3).first.map { $0.isASCIISpace } ?? true)
        }
        var text = bytes[...]
        if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
        if text.last == 0x0a { text = text.dropLast() }
        for line in text.split(separator: 0x0a, omittingEmptySubsequences: false) {
            number += 1
            if isMark(line, "---") || isMark(line, "...") {
                parts.append(current)
                // What follows on the line belongs to the document.
                let rest = line.dropFirst(3).withUnsafeBytes { $0.trimmed.isEmpty }
                current = Part(bytes: rest ? [] : Array(line) + [0x0a], line: rest ? number + 1 : number)
            } else {
                current.bytes += line + [0x0a]
            }
        }
        parts.append(current)
        return parts.filter { !$0.bytes.allSatisfy(\.isASCIISpace) }
    }

    /// All streams: for search and for messages.
    var streams: [(module: String, stream: String)] {
        var seen: Set<String> = []
        return documents.filter { $0.kind == .stream && seen.insert("\($0.module):\($0.stream)").inserted }
            .map { ($0.module, $0.stream) }
    }

    /// What belongs to any stream.
    var artifacts: Set<String> { Set(documents.flatMap(\.artifacts)) }

    /// By artifact, which streams it belongs to, as `name:stream`: for `show` and `search`.
    var streamsByArtifact: [String: [String]] {
        var result: [String: [String]] = [:]
        for document in documents {
            let name = "\(document.module):\(document.stream)"
            for artifact in document.artifacts where result[artifact]?.contains(name) != true {
                result[artifact, default: []].append(name)
            }
        }
        return result
    }
}

/// What is left of one or several modules.yaml.
struct ModuleSelection {
    /// The document to publish; nil if no stream is left: then there must be none, and no package of a module either.
    private(set) var bytes: [UInt8]?
    /// `name:stream` of what is kept, sorted.
    private(set) var streams: [String] = []
    /// Packages that belong to dropped streams only: published without their stream they would become visible to everyone.
    private(set) var droppedArtifacts: Set<String> = []
    private(set) var keptArtifacts: Set<String> = []
    /// What the user should know.
    private(set) var warnings: [String] = []

    /// - Parameters:
    ///   - files: one, or those of several repositories that become one.
    ///   - isKept: by module and stream.
    ///   - isPresent: whether a package is there at all; a build of which none is goes too. Not asked if nil.
    /// - Throws: `internal` if what would be written cannot be read.
    init(
        _ files: [ModuleFile], keeping isKept: (_ module: String, _ stream: String) -> Bool,
        isPresent: ((String) -> Bool)? = nil
    ) throws {
        let all = files.flatMap(\.documents)
        // By build.
        var kept: [String: ModuleDocument] = [:]
        for document in all where document.kind == .stream {
            let isEmpty =
                isPresent.map { !document.artifacts.isEmpty && !document.artifacts.contains(where: $0) } ?? false
            guard isKept(document.module, document.stream), !isEmpty else {
                droppedArtifacts.formUnion(document.artifacts)
                continue
            }
            if let known = kept[document.build] {
                // What only the other description names would belong to no stream.
                droppedArtifacts.formUnion(document.artifacts)
                if known.bytes != document.bytes {
                    warnings.append(
                        "the module build \(document.build) is described twice; the first description counts")
                }
                continue
            }
            keptArtifacts.formUnion(document.artifacts)
            kept[document.build] = document
        }
        droppedArtifacts.subtract(keptArtifacts)
        let names = Set(kept.values.map { "\($0.module):\($0.stream)" })
        streams = names.sorted()
        if kept.isEmpty { return }
        let defaults = oneDefaults(all, Set(kept.values.map(\.module)))
        var output: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        for document in all {
            let isWanted: Bool =
                switch document.kind {
                case .stream: kept[document.build]?.bytes == document.bytes
                case .defaults: defaults[document.module]?.bytes == document.bytes
                case .obsoletes, .translations: names.contains("\(document.module):\(document.stream)")
                case .other: true
                }
            let isNamed = document.stream.isEmpty || names.contains("\(document.module):\(document.stream)")
            let bytes = document.kind == .defaults && !isNamed ? document.withoutDefaultStream() : document.bytes
            if isWanted, seen.insert(bytes).inserted { output.append(bytes) }
        }
        let text = output.flatMap { bytes in
            // A first line that is a mark with something behind it stays as it is.
            (bytes.starts(with: "---".utf8) ? [] : Array("---\n".utf8)) + bytes + Array("...\n".utf8)
        }
        try ModuleSelection.check(text, count: output.count, streams: names)
        bytes = text
    }

    /// One document of defaults a module: with two, which one counts depends on the reader. The newest edition is it, the first of equals.
    private mutating func oneDefaults(_ all: [ModuleDocument], _ modules: Set<String>) -> [String: ModuleDocument] {
        var result: [String: ModuleDocument] = [:]
        for document in all where document.kind == .defaults && modules.contains(document.module) {
            guard let known = result[document.module] else {
                result[document.module] = document
                continue
            }
            if known.bytes == document.bytes { continue }
            if document.modified > known.modified { result[document.module] = document }
            if document.modified == known.modified {
                warnings.append(
                    "the module \(document.module) has two documents of defaults of one age; the first counts")
            }
        }
        return result
    }

    /// What is written must read as what was meant.
    private static func check(_ bytes: [UInt8], count: Int, streams: Set<String>) throws {
        let written = try ModuleFile(bytes, file: "modules.yaml")
        guard written.documents.count == count,
            Set(written.streams.map { "\($0.module):\($0.stream)" }) == streams
        else {
            throw ChantalError(.bug, "the modules.yaml made here does not read as it was meant", path: "modules.yaml")
        }
    }
}
