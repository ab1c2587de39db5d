import Basics

/// A package as primary.xml lists it. Its texts lie in one buffer that the next package uses again: what is kept is copied.
struct PrimaryPackage {
    /// A text of a package.
    enum Field: Int, CaseIterable {
        case name, architecture, epoch, version, release, checksumType, checksum, href, base
        case summary, description, url, license, vendor, packager, group, sourceRPM, buildHost
    }

    /// From 0, in the order of the file.
    fileprivate(set) var number = -1
    /// Of the file, in bytes.
    fileprivate(set) var size: Int64?
    /// Seconds since 1970 in UTC.
    fileprivate(set) var buildTime: Int64?
    fileprivate(set) var fileTime: Int64?
    private var bytes: [UInt8] = []
    private var ranges = [Range<Int>](repeating: 0..<0, count: Field.allCases.count)
    private var given: UInt32 = 0

    /// Names that it provides beside its own, separated by blanks; only where the reader was asked for them.
    private(set) var provides: [UInt8] = []
    /// Paths, separated by line breaks; only where the reader was asked for them.
    private(set) var files: [UInt8] = []

    /// Of all texts of one package, in bytes.
    static let textLimit = 8 << 20

    /// The text of a field; nil if the package does not have it.
    func with<R>(_ field: Field, _ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
        guard has(field) else { return try body(nil) }
        return try bytes.withUnsafeBytes { try body($0.slice(ranges[field.rawValue])) }
    }

    /// Lends the texts of all fields; one that the package does not have is empty.
    func withTexts<R>(_ body: ((Field) -> UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes { buffer in
            try body { has($0) ? buffer.slice(ranges[$0.rawValue]) : PrimaryPackage.none }
        }
    }

    /// Nil if the package does not have it.
    subscript(field: Field) -> ArraySlice<UInt8>? { has(field) ? bytes[ranges[field.rawValue]] : nil }

    /// Empty if the package does not have it.
    func text(_ field: Field) -> String { self[field].map { String(decoding: $0, as: UTF8.self) } ?? "" }

    @inline(__always)
    func has(_ field: Field) -> Bool { given >> UInt32(field.rawValue) & 1 == 1 }

    /// For messages: `bear-4.1-1.noarch`, as far as it is known.
    var label: String {
        let known = has(.name) ? "\(text(.name))-\(evr).\(text(.architecture))" : "number \(number + 1)"
        return "package '\(RepositoryPath(trusted: Array(known.utf8)))'"
    }

    var evr: EVR { EVR(epoch: self[.epoch] ?? [], version: self[.version] ?? [], release: self[.release] ?? []) }

    /// - Throws: ``ChantalError`` `malformed` for one that is weak or none.
    func checksum() throws -> Checksum {
        guard has(.checksum) else { throw ChantalError(.malformed, "\(label) has no checksum") }
        return try with(.checksumType) { type in
            try with(.checksum) { hex in
                try Checksum(type: type ?? PrimaryPackage.none, hex: hex ?? PrimaryPackage.none, of: label)
            }
        }
    }

    /// - Throws: ``ChantalError`` `unsafe_path` for one that leaves the repository.
    /// - Parameter mayBeRebased: whether it may lie beside the repository; see ``Location/isBeside``.
    func location(mayBeRebased: Bool = false) throws -> Location {
        guard has(.href) else { throw ChantalError(.malformed, "\(label) has no location") }
        do {
            return try with(.href) { href in
                try with(.base) {
                    try Location(href: href ?? PrimaryPackage.none, base: $0, mayBeRebased: mayBeRebased)
                }
            }
        } catch { throw ChantalError.wrap(error).within(label) }
    }

    private static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

// MARK: - Filling

extension PrimaryPackage {
    mutating func begin() {
        number += 1
        (size, buildTime, fileTime) = (nil, nil, nil)
        bytes.removeAll(keepingCapacity: true)
        provides.removeAll(keepingCapacity: true)
        files.removeAll(keepingCapacity: true)
        given = 0
    }

    mutating func begin(_ field: Field) {
        ranges[field.rawValue] = bytes.count..<bytes.count
        given |= 1 << UInt32(field.rawValue)
    }

    mutating func append(_ text: UnsafeRawBufferPointer, to field: Field) throws {
        try checkSize(bytes.count + text.count)
        bytes.append(contentsOf: text)
        ranges[field.rawValue] = ranges[field.rawValue].lowerBound..<bytes.count
    }

    mutating func set(_ field: Field, _ text: UnsafeRawBufferPointer?) throws {
        guard let text else { return }
        begin(field)
        try append(text, to: field)
    }

    /// Adds a name that the package provides, unless it is its own, as in `bash` or `bash(x86-64)`, or the one before.
    mutating func add(provided name: UnsafeRawBufferPointer) throws {
        let isOwn = with(.name) { own in
            own.map { PrimaryPackage.isSame(name, $0) } ?? false
        }
        if isOwn || name.isEmpty || name.contains(0x20) { return }
        if provides.count >= name.count, provides.suffix(name.count).elementsEqual(name),
            provides.count == name.count || provides[provides.count - name.count - 1] == 0x20
        {
            return
        }
        try checkSize(provides.count + name.count)
        if !provides.isEmpty { provides.append(0x20) }
        provides.append(contentsOf: name)
    }

    /// Whether a name is a package's, perhaps with the architecture behind it (`%{?_isa}`).
    private static func isSame(_ name: UnsafeRawBufferPointer, _ own: UnsafeRawBufferPointer) -> Bool {
        guard name.count >= own.count, name.slice(0..<own.count).elementsEqual(own) else { return false }
        let rest = name.slice(own.count..<name.count)
        return rest.isEmpty
            || rest[0] == UInt8(ascii: "(") && isaEndings.contains { rest.suffix($0.count).elementsEqual($0) }
    }

    private static let isaEndings = [Array("-64)".utf8), Array("-32)".utf8)]

    mutating func beginFile() { if !files.isEmpty { files.append(0x0a) } }

    /// Adds text to the path begun last.
    mutating func append(toFile text: UnsafeRawBufferPointer) throws {
        try checkSize(files.count + text.count)
        files.append(contentsOf: text)
    }

    private func checkSize(_ count: Int) throws {
        if count <= PrimaryPackage.textLimit { return }
        throw ChantalError(
            .tooLarge, "the texts of \(label) are longer than \(ByteCount.text(Int64(PrimaryPackage.textLimit)))")
    }

    /// Blanks around the text do not belong to it.
    mutating func close(_ field: Field) {
        var range = ranges[field.rawValue]
        while let first = range.first, bytes[first].isASCIISpace { range.removeFirst() }
        while let last = range.last, bytes[last].isASCIISpace { range.removeLast() }
        ranges[field.rawValue] = range
    }

    mutating func set(size: Int64?) { self.size = size }

    mutating func set(buildTime: Int64?, fileTime: Int64?) {
        self.buildTime = buildTime
        self.fileTime = fileTime
    }
}
