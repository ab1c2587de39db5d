import Basics

/// A requirements file with those that it includes, as pip reads it.
public struct RequirementsFile: Sendable {
    /// What one line asks for, before it is made sense of.
    public struct Line: Sendable {
        public var text: String
        public var isEditable: Bool
        public var isConstraint: Bool
        /// The file must have one of these.
        public var hashes: [Checksum]
        public var file: String
        public var number: Int
    }

    public struct Entry: Sendable {
        public let requirement: Requirement
        public let hashes: [Checksum]
        /// `FILE:LINE`
        public let place: String
    }

    /// A line that asks for what no mirror of an index has, or an option that has no meaning for one.
    public struct Unusable: Sendable {
        public let place: String
        public let reason: String
    }

    /// All lines with requirements, in the order of reading.
    public private(set) var lines: [Line] = []
    public private(set) var requirements: [Entry] = []
    public private(set) var constraints: [Entry] = []
    /// Editable ones, paths and URLs.
    public private(set) var unusable: [Unusable] = []
    /// Options about indexes and building; never their values, which may hold credentials.
    public private(set) var ignoredOptions: [Unusable] = []
    /// Whether `--pre` stands somewhere.
    public private(set) var takesPreReleases = false

    /// Files that one may lead to, and how deep.
    static let fileLimit = 1000
    static let depthLimit = 32

    /// - Parameters:
    ///   - file: its name in messages; those of the files it includes are relative to it.
    ///   - environment: the values of `${NAME}`.
    ///   - open: the content of a file by its name, which may have `..` in it or be absolute.
    /// - Throws: ``ChantalError`` `malformed`, `FILE:LINE: …`, for lines that are no requirement, unknown options and loops;
    ///   `too_large`; and what `open` throws.
    public init(
        _ file: String, environment: @escaping (String) -> String? = { _ in nil },
        open: @escaping (String) throws -> [UInt8]
    ) throws {
        var reader = Reader(environment: environment, open: open)
        try reader.read(file, isConstraint: false, stack: [])
        lines = reader.lines
        ignoredOptions = reader.ignoredOptions
        takesPreReleases = reader.takesPreReleases
    }

    /// The same, with the lines made sense of.
    /// - Throws: besides, ``ChantalError`` `malformed` for a line that is no requirement.
    public static func read(
        _ file: String, environment: @escaping (String) -> String? = { _ in nil },
        open: @escaping (String) throws -> [UInt8]
    ) throws -> RequirementsFile {
        var result = try RequirementsFile(file, environment: environment, open: open)
        for line in result.lines { try result.take(line) }
        return result
    }

    private mutating func take(_ line: Line) throws {
        let place = "\(line.file):\(line.number)"
        if line.isEditable { return unusable.append(Unusable(place: place, reason: "it is editable: a source tree")) }
        do {
            let requirement = try Requirement(line.text)
            if requirement.url != nil {
                let reason = "'\(requirement.name)' is taken from a URL, not from the index"
                return unusable.append(Unusable(place: place, reason: reason))
            }
            let entry = Entry(requirement: requirement, hashes: line.hashes, place: place)
            if line.isConstraint { constraints.append(entry) } else { requirements.append(entry) }
        } catch let error as ChantalError {
            guard RequirementsFile.isPathOrURL(line.text) else {
                throw ChantalError(
                    .malformed, "\(place): \(error.message)", hint: error.hint, path: line.file, cause: error.cause)
            }
            unusable.append(Unusable(place: place, reason: "it is a path or a URL, not a project of the index"))
        }
    }

    private static let archives = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar"]

    private static func isPathOrURL(_ text: String) -> Bool {
        let head = text.prefix { $0 != ";" && $0 != "#" && $0 != " " }.lowercased()
        return head.contains("://") || head.hasPrefix("file:") || head.hasPrefix(".") || head.contains("/")
            || head.contains("\\") || archives.contains(where: head.hasSuffix)
    }
}

private struct Reader {
    var lines: [RequirementsFile.Line] = []
    var ignoredOptions: [RequirementsFile.Unusable] = []
    var takesPreReleases = false
    private var files = 0
    private let environment: (String) -> String?
    private let open: (String) throws -> [UInt8]

    init(environment: @escaping (String) -> String?, open: @escaping (String) throws -> [UInt8]) {
        self.environment = environment
        self.open = open
    }

    mutating func read(_ file: String, isConstraint: Bool, stack: [String]) throws {
        files += 1
        guard files <= RequirementsFile.fileLimit, stack.count < RequirementsFile.depthLimit else {
            throw ChantalError(.malformed, "\(file): too many files include each other", path: file)
        }
        for line in RequirementsText.lines(try RequirementsText.decode(try self.open(file), file: file)) {
            let place = "\(file):\(line.number)"
            do {
                try take(RequirementsText.expand(line.text, environment), line.number, file, isConstraint, stack)
            } catch let problem as RequirementsOptions.Problem {
                throw ChantalError(.malformed, "\(place): \(problem.message)", path: file)
            }
        }
    }

    private mutating func take(
        _ text: String, _ number: Int, _ file: String, _ isConstraint: Bool, _ stack: [String]
    ) throws {
        let (argument, optionText) = Reader.split(text)
        let options = try RequirementsOptions(optionText)
        let place = "\(file):\(number)"
        for option in options.found {
            switch option.kind {
            case .preReleases: takesPreReleases = true
            case .ignored:
                ignoredOptions.append(
                    RequirementsFile.Unusable(place: place, reason: "the option '\(option.name)' is left alone"))
            default: break
            }
        }
        let hashes = try options.values(.hash).map(Reader.checksum)
        let editable = argument.isEmpty ? options.values(.editable).first : nil
        if let requirement = argument.isEmpty ? editable : argument {
            lines.append(
                RequirementsFile.Line(
                    text: requirement, isEditable: editable != nil, isConstraint: isConstraint, hashes: hashes,
                    file: file, number: number))
        } else if let nested = options.values(.requirements).first {
            try include(nested, false, file, stack)
        } else if let nested = options.values(.constraints).first {
            try include(nested, true, file, stack)
        }
    }

    /// The requirement, and what begins with the first word that is an option.
    private static func split(_ text: String) -> (String, String) {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start] == "-" {
                let argument = Array(text[..<start].utf8).withUnsafeBytes { $0.trimmed.text }
                return (argument, String(text[start...]))
            }
            guard let blank = text[start...].firstIndex(of: " ") else { break }
            start = text.index(after: blank)
        }
        return (text, "")
    }

    /// `sha256:…`; weaker ones than SHA-256 prove nothing.
    private static func checksum(_ text: String) throws -> Checksum {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, ["sha256", "sha384", "sha512"].contains(parts[0]),
            let algorithm = ChecksumAlgorithm(rawValue: String(parts[0])),
            let checksum = Checksum(algorithm, hex: Array(parts[1].utf8))
        else {
            throw RequirementsOptions.Problem(message: "--hash takes sha256, sha384 or sha512, a colon and hex digits")
        }
        return checksum
    }

    private mutating func include(_ path: String, _ isConstraint: Bool, _ file: String, _ stack: [String]) throws {
        if path.contains("://") {
            throw ChantalError(
                .malformed, "\(file): it includes a file from a URL", hint: "download that file and name it instead",
                path: file)
        }
        let nested = Reader.resolve(path, from: file)
        if nested == file || stack.contains(nested) {
            throw ChantalError(.malformed, "\(file): '\(nested)' includes itself", path: file)
        }
        try read(nested, isConstraint: isConstraint, stack: stack + [file])
    }

    /// A path as seen from the file that names it; `.` and what `..` takes back are left out.
    private static func resolve(_ path: String, from file: String) -> String {
        let directory = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        let full = path.hasPrefix("/") ? path : directory + path
        var segments: [Substring] = []
        for segment in full.split(separator: "/") where segment != "." {
            if segment == "..", let last = segments.last, last != ".." {
                segments.removeLast()
            } else {
                segments.append(segment)
            }
        }
        return (full.hasPrefix("/") ? "/" : "") + segments.joined(separator: "/")
    }
}
