import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Cuts primary.xml, filelists.xml or other.xml into the texts of their packages, far faster than a parser: what is not kept need not be
/// parsed at all.
///
/// What is kept is parsed afterwards, so a document that is cut wrongly is an error then, not a wrong package.
struct PackageSplitter {
    /// Packages given so far.
    private(set) var count = 0
    private let file: String
    private var buffer: [UInt8] = []
    /// Up to where the beginning of ``buffer`` is known to hold no end of its package.
    private var searched = 0

    private static let startTag: StaticString = "<package"
    private static let endTag: StaticString = "</package>"
    /// Of one package; kernels have a megabyte of files.
    static let sizeLimit = 64 << 20

    init(file: String) { self.file = file }

    /// Takes the next bytes of the document and gives the packages that are complete, `<package …>…</package>` each.
    /// - Parameter outside: gets what lies between the packages, and around them.
    mutating func write(
        _ chunk: UnsafeRawBufferPointer, outside: (UnsafeRawBufferPointer) throws -> Void = { _ in },
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        buffer.append(contentsOf: chunk)
        var consumed = 0
        var found = 0
        var known = searched
        try buffer.withUnsafeBytes { bytes in
            while let start = PackageSplitter.start(in: bytes, from: consumed) {
                if start > consumed { try outside(bytes.slice(consumed..<start)) }
                guard let end = PackageSplitter.end(in: bytes, from: max(start, known)) else {
                    consumed = start
                    known = max(start, bytes.count - PackageSplitter.endTag.utf8CodeUnitCount)
                    return
                }
                try body(bytes.slice(start..<end))
                found += 1
                consumed = end
            }
            // A tag may have begun.
            let rest = max(consumed, bytes.count - PackageSplitter.startTag.utf8CodeUnitCount)
            if rest > consumed { try outside(bytes.slice(consumed..<rest)) }
            consumed = rest
            known = consumed
        }
        count += found
        buffer.removeFirst(consumed)
        searched = known - consumed
        if buffer.count > PackageSplitter.sizeLimit {
            throw ChantalError(
                .tooLarge,
                "a package in '\(file)' is described by more than \(ByteCount.text(Int64(PackageSplitter.sizeLimit)))",
                path: file)
        }
    }

    /// - Throws: ``ChantalError`` `malformed` if the document ended within a package.
    func finish(outside: (UnsafeRawBufferPointer) throws -> Void = { _ in }) throws {
        let isOpen = buffer.withUnsafeBytes { PackageSplitter.start(in: $0, from: 0) != nil }
        if isOpen { throw ChantalError(.malformed, "'\(file)' ends within a package", path: file) }
        try buffer.withUnsafeBytes { if !$0.isEmpty { try outside($0) } }
    }

    private static func start(in bytes: UnsafeRawBufferPointer, from place: Int) -> Int? {
        var place = place
        while let open = bytes.firstIndex(of: UInt8(ascii: "<"), from: place) {
            let end = open + startTag.utf8CodeUnitCount
            if end >= bytes.count { return nil }
            let next = bytes[end]
            if matches(startTag, bytes, open), next.isASCIISpace || next == UInt8(ascii: ">") { return open }
            place = open + 1
        }
        return nil
    }

    private static func end(in bytes: UnsafeRawBufferPointer, from place: Int) -> Int? {
        var place = place
        while let open = bytes.firstIndex(of: UInt8(ascii: "<"), from: place) {
            let end = open + endTag.utf8CodeUnitCount
            if end > bytes.count { return nil }
            if bytes[open + 1] == UInt8(ascii: "/"), matches(endTag, bytes, open) { return end }
            place = open + 1
        }
        return nil
    }

    @inline(__always)
    private static func matches(_ tag: StaticString, _ bytes: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return memcmp(base + start, tag.utf8Start, tag.utf8CodeUnitCount) == 0
    }

    /// The value of an attribute in the start tag of a package, as it stands there.
    static func attribute(_ name: StaticString, of package: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let close = package.firstIndex(of: UInt8(ascii: ">"), from: 0) else { return nil }
        var place = 0
        while place < close {
            while place < close, !package[place].isASCIISpace { place += 1 }
            while place < close, package[place].isASCIISpace { place += 1 }
            guard let equals = package.firstIndex(of: UInt8(ascii: "="), from: place), equals + 1 < close else {
                return nil
            }
            let quote = package[equals + 1]
            guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
                let end = package.firstIndex(of: quote, from: equals + 2), end <= close
            else { return nil }
            if package.slice(place..<equals).equals(name) { return package.slice((equals + 2)..<end) }
            place = end + 1
            // Attributes need a blank between them; without one the next round finds none, either.
        }
        return nil
    }
}
