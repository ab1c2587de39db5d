import Basics
import XML

/// Reads primary.xml as it is decompressed: one package after the other, with memory that does not grow with the file.
final class PrimaryReader: MarkupHandler {
    /// What `packages=` of the outermost element says.
    private(set) var declaredCount: Int64?
    /// Packages read.
    private(set) var count: Int64 = 0

    private var package = PrimaryPackage()
    private var depth = 0
    private var open: PrimaryPackage.Field?
    /// Whether the package that is being read is one: `type="rpm"`.
    private var isPackage = false
    private let wantsDetails: Bool
    private let entries: ((PrimaryPackage, PrimaryEntry) throws -> Void)?
    /// The name of the packages whose entries are told; nil for all.
    private let entriesOf: [UInt8]?
    private var wantsEntries = false
    /// Whether the package gathers what the catalog has of it.
    private let wantsRows: Bool
    private var isInProvides = false
    private var isInFile = false
    /// Whether anything within `format` is wanted.
    private let wantsFormat: Bool
    private let announce: ((Int64) -> Void)?
    private let body: (PrimaryPackage) throws -> Void
    private var fileText = TextCollector(limit: 1 << 16)
    /// The list of dependencies that is being read: `requires`.
    private var list: [UInt8] = []

    /// - Parameters:
    ///   - wantsDetails: whether the texts are kept that only people read, from the description to the license.
    ///   - wantsRows: whether the package gathers what ``PrimaryPackage/withFields(digest:_:)`` tells.
    ///   - entriesOf: the name of the packages whose dependencies and files are told; nil for all.
    ///   - entries: told of dependencies and files, before the package itself is complete.
    ///   - announce: told how many packages there are to be, before the first.
    ///   - body: told of each package.
    init(
        wantsDetails: Bool = false, wantsRows: Bool = false, entriesOf: [UInt8]? = nil,
        entries: ((PrimaryPackage, PrimaryEntry) throws -> Void)? = nil, announce: ((Int64) -> Void)? = nil,
        _ body: @escaping (PrimaryPackage) throws -> Void
    ) {
        self.wantsDetails = wantsDetails
        self.wantsRows = wantsRows
        wantsFormat = wantsDetails || wantsRows || entries != nil
        self.entriesOf = entriesOf
        self.entries = entries
        self.announce = announce
        self.body = body
    }

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        depth += 1
        // Nine elements in ten are entries of lists and files.
        if depth >= 4 {
            guard wantsFormat, isPackage else { return }
            if depth == 4 { return startFormat(name) }
            if isInProvides, depth == 5, let provided = attributes["name"] { try package.add(provided: provided) }
            if wantsEntries { try startEntry(name, attributes) }
            return
        }
        if depth == 3, isPackage { return try startField(name, attributes) }
        if depth == 2 {
            isPackage = name == "package"
            if isPackage { package.begin() }
        } else if depth == 1 {
            declaredCount = attributes["packages"]?.decimal
            if let declaredCount { announce?(declaredCount) }
        }
    }

    private func startField(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        switch name {
        case "name": begin(.name)
        case "arch": begin(.architecture)
        case "version":
            try package.set(.epoch, attributes["epoch"])
            try package.set(.version, attributes["ver"])
            try package.set(.release, attributes["rel"])
        case "checksum":
            try package.set(.checksumType, attributes["type"])
            begin(.checksum)
        case "summary": begin(.summary)
        case "description": if wantsDetails { begin(.description) }
        case "packager": if wantsDetails { begin(.packager) }
        case "url": if wantsDetails || wantsRows { begin(.url) }
        case "time": package.set(buildTime: attributes["build"]?.decimal, fileTime: attributes["file"]?.decimal)
        case "size": package.set(size: attributes["package"]?.decimal)
        case "location":
            try package.set(.href, attributes["href"])
            try package.set(.base, attributes["xml", "base"])
        case "format":
            // The name has come before; createrepo always writes it first.
            wantsEntries = entries != nil && (entriesOf.map { package[.name]?.elementsEqual($0) == true } ?? true)
        default: break
        }
    }

    private func startFormat(_ name: MarkupName) {
        switch name {
        case "file":
            if wantsEntries { fileText.open() }
            if wantsRows {
                package.beginFile()
                isInFile = true
            }
        case "license": if wantsDetails { begin(.license) }
        case "vendor": if wantsDetails { begin(.vendor) }
        case "group": if wantsDetails { begin(.group) }
        case "buildhost": if wantsDetails { begin(.buildHost) }
        case "sourcerpm": begin(.sourceRPM)
        default:
            isInProvides = wantsRows && name == "provides"
            if wantsEntries { list = Array(name.bytes) }
        }
    }

    private func begin(_ field: PrimaryPackage.Field) {
        open = field
        package.begin(field)
    }

    private func startEntry(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        guard depth == 5, name == "entry", let entryName = attributes["name"] else { return }
        let relation = PrimaryRelation(
            list: list, name: Array(entryName), flags: attributes["flags"].map { Array($0) },
            evr: EVR(
                epoch: attributes["epoch"].map { Array($0) } ?? [], version: attributes["ver"].map { Array($0) } ?? [],
                release: attributes["rel"].map { Array($0) } ?? []))
        try entries?(package, .relation(relation))
    }

    func characters(_ text: UnsafeRawBufferPointer) throws {
        if let open { return try package.append(text, to: open) }
        if isInFile { try package.append(toFile: text) }
        if fileText.isOpen { try fileText.append(text) }
    }

    func endElement(_ name: MarkupName) throws {
        depth -= 1
        if depth >= 4 { return }
        isInFile = false
        isInProvides = false
        if let open {
            package.close(open)
            self.open = nil
        }
        if fileText.isOpen { try entries?(package, .file(fileText.close { Array($0) })) }
        guard depth == 1, isPackage else { return }
        isPackage = false
        for field in PrimaryReader.required where !package.has(field) {
            throw ChantalError(.malformed, "\(package.label) has no \(field)")
        }
        count += 1
        try body(package)
    }

    private static let required: [PrimaryPackage.Field] = [.name, .architecture, .version, .release]

    /// To be called at the end of the document.
    /// - Throws: ``ChantalError`` `mismatch` if the packages are not as many as the outermost element says.
    func checkCount(file: String) throws { try PackageCount.check(declared: declaredCount, found: count, file: file) }
}

/// What a package provides, requires, …: one `entry` of primary.xml.
struct PrimaryRelation {
    /// `provides`, `requires`, `recommends`, …
    let list: [UInt8]
    let name: [UInt8]
    /// `EQ`, `LT`, `LE`, `GE`, `GT`; nil without a version.
    let flags: [UInt8]?
    let evr: EVR
}

/// What the format of a package lists.
enum PrimaryEntry {
    case relation(PrimaryRelation)
    case file([UInt8])
}

enum PackageCount {
    /// - Throws: ``ChantalError`` `mismatch` if a document holds fewer packages than it says. More of them are no loss: some tools
    ///   count a package once that lies at two places.
    static func check(declared: Int64?, found: Int64, file: String) throws {
        guard let declared, declared > found else { return }
        throw ChantalError(
            .mismatch, "'\(file)' says that it holds \(declared) packages, and there are \(found)",
            hint: "upstream is damaged, or was cut off when it was made", path: file)
    }
}
