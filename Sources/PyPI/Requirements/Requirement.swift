import Basics

/// A dependency specifier (PEP 508): a project, extras, the versions or the URL, and when it holds.
public struct Requirement: Sendable, Hashable {
    public let name: ProjectName
    /// The name as written.
    public let nameText: String
    /// As written, in their order there, none twice.
    public let extraTexts: [String]
    public let specifiers: SpecifierSet
    /// `name @ URL`: no version of an index satisfies it.
    public let url: String?
    public let marker: Marker?

    public init(
        name: ProjectName, extras: [String] = [], specifiers: SpecifierSet = SpecifierSet(), url: String? = nil,
        marker: Marker? = nil
    ) {
        self.init(name: name, nameText: name.text, extras: extras, specifiers: specifiers, url: url, marker: marker)
    }

    private init(
        name: ProjectName, nameText: String, extras: [String], specifiers: SpecifierSet, url: String?, marker: Marker?
    ) {
        self.name = name
        self.nameText = nameText
        var seen: Set<String> = []
        extraTexts = extras.filter { seen.insert($0).inserted }
        self.specifiers = specifiers
        self.url = url
        self.marker = marker
    }

    /// Normalised (PEP 685).
    public var extras: Set<String> { Set(extraTexts.map { ExtraName.normalised($0) }) }

    /// - Throws: ``ChantalError`` `malformed`.
    public init(_ text: some StringProtocol) throws {
        let bytes = Array(text.utf8)
        self = try bytes.withUnsafeBytes { try Requirement(bytes: $0) }
    }

    /// - Throws: ``ChantalError`` `malformed`.
    public init(bytes: UnsafeRawBufferPointer) throws {
        var scanner = RequirementScanner(bytes)
        guard bytes.count <= RequirementScanner.lengthLimit else { throw scanner.error("less text") }
        scanner.skipBlanks()
        guard let nameText = scanner.identifier(), let name = ProjectName(nameText) else {
            throw scanner.error("the name of a project")
        }
        scanner.skipBlanks()
        let extras = try scanner.extras()
        scanner.skipBlanks()
        var specifiers = SpecifierSet()
        var url: String?
        if scanner.take("@") {
            url = try scanner.url()
        } else {
            specifiers = try scanner.specifiers()
        }
        scanner.skipBlanks()
        var marker: Marker?
        if scanner.take(";") {
            marker = Marker(try scanner.marker())
            scanner.skipBlanks()
        }
        try scanner.expectEnd(url == nil && specifiers.isEmpty ? "';' or the end" : "a comma, ';' or the end")
        self.init(
            name: name, nameText: nameText, extras: extras, specifiers: specifiers, url: url, marker: marker)
    }

    /// Whether it holds in an environment, for some of the extras that its distribution is wanted with.
    /// - Throws: ``ChantalError`` `malformed` for a marker that cannot be evaluated.
    public func holds(in environment: MarkerEnvironment, extras: Set<String> = []) throws -> Bool {
        try marker?.holds(in: environment, extras: extras) ?? true
    }
}

extension Requirement: CustomStringConvertible {
    public var description: String {
        var text = nameText
        if !extraTexts.isEmpty { text += "[\(extraTexts.sorted().joined(separator: ","))]" }
        text += specifiers.description
        if let url { text += " @ \(url)" }
        if let marker { text += url == nil ? "; \(marker)" : " ; \(marker)" }
        return text
    }
}

extension RequirementScanner {
    /// `[a,b]`, which may be empty.
    mutating func extras() throws -> [String] {
        guard take("[") else { return [] }
        skipBlanks()
        var extras: [String] = []
        while let extra = identifier() {
            extras.append(extra)
            skipBlanks()
            guard take(",") else { break }
            skipBlanks()
            guard position < bytes.count, bytes[position].isASCIILetter || bytes[position].isASCIIDigit else {
                throw error("the name of an extra")
            }
        }
        skipBlanks()
        guard take("]") else { throw error("a comma or ']'") }
        return extras
    }

    /// Everything up to a blank.
    mutating func url() throws -> String {
        skipBlanks()
        let start = position
        while position < bytes.count, bytes[position] != 0x20, bytes[position] != 0x09 { position += 1 }
        guard position > start else { throw error("a URL") }
        let url = bytes.slice(start..<position).text
        // What follows a URL without a blank belongs to it.
        let end = position
        skipBlanks()
        guard isAtEnd || (position > end && peek(";")) else { throw error("';' after the URL and a blank") }
        return url
    }

    /// Clauses with commas between them, in parentheses or not.
    mutating func specifiers() throws -> SpecifierSet {
        let isEnclosed = take("(")
        skipBlanks()
        var found: [Specifier] = []
        var scanner = SpecifierScanner(bytes, from: position)
        while found.count < SpecifierSet.countLimit, let specifier = scanner.next() {
            found.append(specifier)
            position = scanner.position
            // A comma always ends a clause, so that the clauses can be written with commas between them.
            if specifier.operand.utf8.contains(UInt8(ascii: ",")) || peek("+")
                || bytes.slice(position..<min(bytes.count, position + 2)).equals(".*")
            {
                throw error("a clause whose operator allows what is written here")
            }
            skipBlanks()
            guard take(",") else { break }
            skipBlanks()
            scanner = SpecifierScanner(bytes, from: position)
        }
        if isEnclosed {
            skipBlanks()
            guard take(")") else { throw error("a closing parenthesis") }
        }
        return SpecifierSet(found)
    }
}
