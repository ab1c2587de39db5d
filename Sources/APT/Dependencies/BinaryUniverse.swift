import Basics
import Mirroring

/// Where a stanza stands: the number of its suite, of the index within it, and its own number there, from 1.
struct StanzaPlace: Hashable, Comparable {
    let suite: Int32
    let index: Int32
    let number: Int32

    static func < (a: StanzaPlace, b: StanzaPlace) -> Bool {
        (a.suite, a.index, a.number) < (b.suite, b.index, b.number)
    }
}

/// The binary packages that requirements can be met with, from any number of suites: some hundred bytes of each.
///
/// Clients see a suite by architectures: a package stands once for each of those whose clients see it, with the packages that they see
/// beside it. Requirements are read where a package is reached.
struct BinaryUniverse {
    struct Package {
        let name: Int32
        let place: StanzaPlace
        /// Of the clients that see it: a number of ``architectures``.
        var architecture: Int32
        /// Whether it stands in an index that clients of several architectures read.
        let isShared: Bool
        let multiArch: MultiArch
        let priority: UInt8
        fileprivate let text: Int
        fileprivate let versionEnd: UInt32
        fileprivate let requiresEnd: UInt32
        fileprivate let providesEnd: UInt32
        fileprivate let sourceEnd: UInt32
    }

    /// What Multi-Arch says.
    enum MultiArch: UInt8 {
        case none, same, foreign, allowed
    }

    struct Provision {
        let name: Int32
        let package: Int32
        /// Of the version in the texts; empty without one.
        fileprivate let version: Range<Int>
    }

    private(set) var packages: [Package] = []
    private(set) var provisions: [Provision] = []
    private(set) var names = NameTable()
    private(set) var architectures = NameTable()
    /// By suite, whether its packages are installed only where they are asked for (`NotAutomatic`).
    private(set) var isReserved: [Bool] = []
    /// Names of packages that the filter keeps out.
    private(set) var leftOut: Set<Int32> = []
    private var texts: [UInt8] = []
    /// By suite the architectures that occur in it, and packages that belong to all of them.
    private var seen: [[Int32]] = []
    private var shared: [Package] = []

    /// Against indices that only want to fill memory.
    static let textLimit = 1 << 30

    /// Begins a suite.
    /// - Parameter architectures: those of its indices.
    mutating func beginSuite(architectures: [String], isReserved: Bool) {
        self.isReserved.append(isReserved)
        var known: [Int32] = []
        for var architecture in architectures where architecture != "all" {
            let number = architecture.withUTF8 { self.architectures.number(of: UnsafeRawBufferPointer($0)) }
            if !known.contains(number) { known.append(number) }
        }
        seen.append(known)
    }

    /// Takes a package of the suite begun last. One without name or version is passed over: who selects it is told elsewhere.
    /// - Parameter indexArchitecture: nil or `all` for an index that clients of all architectures read.
    mutating func add(_ package: PackagesStanza, at place: StanzaPlace, indexArchitecture: String?) throws {
        let stanza = package.stanza
        guard let name = stanza[.package], let version = stanza[.version], !name.isEmpty, !version.isEmpty else {
            return
        }
        let start = texts.count
        texts.append(contentsOf: version)
        let versionEnd = texts.count - start
        for field in [FieldName.preDepends, .depends] {
            guard let value = stanza[field] else { continue }
            if texts.count > start + versionEnd { texts.append(UInt8(ascii: ",")) }
            texts.append(contentsOf: value)
        }
        let requiresEnd = texts.count - start
        if let provides = stanza[.provides] { texts.append(contentsOf: provides) }
        let providesEnd = texts.count - start
        if let source = stanza[.source] { texts.append(contentsOf: source) }
        guard texts.count <= BinaryUniverse.textLimit else {
            throw ChantalError(
                .tooLarge,
                "the requirements of all packages are longer than \(ByteCount.text(Int64(BinaryUniverse.textLimit)))",
                hint: "leave 'dependencies' out of the filter, or mirror fewer suites")
        }
        let own = package.architecture.flatMap { $0.equals("all") || $0.isEmpty ? nil : $0 }
        let ofIndex = indexArchitecture.flatMap { $0 == "all" ? nil : $0 }
        var entry = Package(
            name: names.number(of: name), place: place, architecture: -1, isShared: own == nil && ofIndex == nil,
            multiArch: MultiArch(stanza[.multiArch]), priority: BinaryUniverse.rank(stanza[.priority]),
            text: start, versionEnd: UInt32(truncatingIfNeeded: versionEnd),
            requiresEnd: UInt32(truncatingIfNeeded: requiresEnd), providesEnd: UInt32(truncatingIfNeeded: providesEnd),
            sourceEnd: UInt32(truncatingIfNeeded: texts.count - start))
        if let own {
            entry.architecture = architectures.number(of: own)
        } else if var ofIndex {
            entry.architecture = ofIndex.withUTF8 { architectures.number(of: UnsafeRawBufferPointer($0)) }
        } else {
            shared.append(entry)
            return
        }
        let suite = Int(place.suite)
        if !seen[suite].contains(entry.architecture) { seen[suite].append(entry.architecture) }
        append(entry)
    }

    /// To be called once all packages are there.
    mutating func finish() {
        for package in shared {
            var copies = seen[Int(package.place.suite)]
            if copies.isEmpty {
                let all: StaticString = "all"
                copies = [
                    architectures.number(
                        of: UnsafeRawBufferPointer(start: all.utf8Start, count: all.utf8CodeUnitCount))
                ]
            }
            for architecture in copies {
                var copy = package
                copy.architecture = architecture
                append(copy)
            }
        }
        shared = []
    }

    private mutating func append(_ package: Package) {
        let number = Int32(truncatingIfNeeded: packages.count)
        packages.append(package)
        let start = package.text + Int(package.requiresEnd)
        let end = package.text + Int(package.providesEnd)
        if start == end { return }
        let texts = self.texts
        texts.withUnsafeBytes { texts in
            texts.slice(start..<end).forEachPart(UInt8(ascii: ",")) { part in
                guard let relation = Relation(part) else { return }
                if let bound = relation.bound, bound.relation != .equal { return }
                var version = 0..<0
                if let text = relation.bound?.version, let base = texts.baseAddress, let start = text.baseAddress {
                    let offset = start - base
                    version = offset..<(offset + text.count)
                }
                provisions.append(
                    Provision(name: names.number(of: relation.name), package: number, version: version))
            }
        }
    }

    /// Notes that the filter keeps a package of this name out.
    mutating func leaveOut(_ name: UnsafeRawBufferPointer) { leftOut.insert(names.number(of: name)) }

    private static func rank(_ priority: UnsafeRawBufferPointer?) -> UInt8 {
        guard let priority else { return 5 }
        let names: [StaticString] = ["required", "important", "standard", "optional", "extra"]
        return UInt8(names.firstIndex { priority.equals($0) } ?? 5)
    }
}

// MARK: - Texts

extension BinaryUniverse {
    /// Calls with all texts; those of packages are slices of them.
    func withTexts<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try texts.withUnsafeBytes(body)
    }

    func version(_ package: Package, _ texts: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        texts.slice(package.text..<(package.text + Int(package.versionEnd)))
    }

    /// Pre-Depends and Depends, with a comma between.
    func requires(_ package: Package, _ texts: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        texts.slice((package.text + Int(package.versionEnd))..<(package.text + Int(package.requiresEnd)))
    }

    /// Nil where the package provides the name without one.
    func version(_ provision: Provision, _ texts: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        provision.version.isEmpty ? nil : texts.slice(provision.version)
    }

    /// Name and version of the source package: what Source says, and the package's own where it does not.
    func source(_ package: Package) -> SourceName {
        withTexts { texts in
            let field = texts.slice(
                (package.text + Int(package.providesEnd))..<(package.text + Int(package.sourceEnd)))
            let own = version(package, texts)
            let name = field.prefix { !$0.isASCIISpace && $0 != UInt8(ascii: "(") }
            guard !name.isEmpty else {
                return SourceName(name: names.with(package.name) { Array($0) }, version: Array(own))
            }
            let rest = field.slice(name.count..<field.count).trimmed
            guard rest.first == UInt8(ascii: "("), rest.last == UInt8(ascii: ")") else {
                return SourceName(name: Array(name), version: Array(own))
            }
            return SourceName(name: Array(name), version: Array(rest.slice(1..<(rest.count - 1)).trimmed))
        }
    }
}

/// A source package as binary packages name it.
struct SourceName: Hashable {
    let name: [UInt8]
    let version: [UInt8]
}

extension BinaryUniverse.MultiArch {
    fileprivate init(_ value: UnsafeRawBufferPointer?) {
        switch value {
        case .some(let value) where value.equals("same"): self = .same
        case .some(let value) where value.equals("foreign"): self = .foreign
        case .some(let value) where value.equals("allowed"): self = .allowed
        default: self = .none
        }
    }
}

extension BinaryUniverse {
    mutating func beginSuite(_ suite: SelectableSuite) {
        beginSuite(
            architectures: suite.indices.filter { $0.kind == .packages }.compactMap(\.architecture),
            isReserved: suite.isReserved)
    }
}
