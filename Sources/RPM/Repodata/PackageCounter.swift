import Basics

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Counts the packages of filelists.xml or other.xml by their start tags, far faster than a parser.
///
/// Nothing is taken from these files for a verbatim mirror; what vouches for them is their checksum.
struct PackageCounter {
    /// What `packages=` of the outermost element says.
    private(set) var declaredCount: Int64?
    private(set) var count: Int64 = 0
    /// The beginning of the document, until the outermost start tag is complete.
    private var head: [UInt8]? = []
    /// The end of the last piece, where a tag may begin.
    private var tail: [UInt8] = []

    private static let tag: StaticString = "<package"
    private static let headLimit = 1 << 16

    /// Takes the next bytes of the document.
    mutating func write(_ chunk: UnsafeRawBufferPointer) {
        if head != nil { readHead(chunk) }
        if tail.isEmpty { return scan(chunk) }
        let wasTail = tail.count
        let seam = tail + chunk.prefix(PackageCounter.tag.utf8CodeUnitCount + 1)
        tail = []
        if chunk.count <= PackageCounter.tag.utf8CodeUnitCount { return seam.withUnsafeBytes { scan($0) } }
        seam.withUnsafeBytes { bytes in
            for start in 0..<wasTail where PackageCounter.isTag(bytes, at: start) { count += 1 }
        }
        scan(chunk)
    }

    private mutating func scan(_ bytes: UnsafeRawBufferPointer) {
        var start = 0
        while let open = bytes.firstIndex(of: UInt8(ascii: "<"), from: start) {
            if open + PackageCounter.tag.utf8CodeUnitCount >= bytes.count {
                // Whether it is one, the next piece decides.
                tail = Array(bytes.slice(open..<bytes.count))
                return
            }
            if PackageCounter.isTag(bytes, at: open) { count += 1 }
            start = open + 1
        }
    }

    /// Whether a start tag begins there; the byte after its name is there as well: `<packages` is another one.
    @inline(__always)
    private static func isTag(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard bytes[start + 1] == UInt8(ascii: "p"), let base = bytes.baseAddress,
            memcmp(base + start, tag.utf8Start, tag.utf8CodeUnitCount) == 0
        else { return false }
        let next = bytes[start + tag.utf8CodeUnitCount]
        return next.isASCIISpace || next == UInt8(ascii: ">") || next == UInt8(ascii: "/")
    }

    private mutating func readHead(_ chunk: UnsafeRawBufferPointer) {
        var text = head ?? []
        text += chunk.prefix(PackageCounter.headLimit)
        head = text
        text.withUnsafeBytes { bytes in
            var place = 0
            while let open = bytes.firstIndex(of: UInt8(ascii: "<"), from: place), open + 1 < bytes.count {
                guard let close = bytes.firstIndex(of: UInt8(ascii: ">"), from: open) else { break }
                if bytes[open + 1].isASCIILetter {
                    declaredCount = PackageCounter.attribute("packages=", in: bytes.slice(open..<close))
                    head = nil
                    return
                }
                place = close
            }
            if bytes.count > PackageCounter.headLimit { head = nil }
        }
    }

    private static func attribute(_ name: StaticString, in tag: UnsafeRawBufferPointer) -> Int64? {
        var start = 0
        while let space = (start..<tag.count).first(where: { tag[$0].isASCIISpace }) {
            start = space + 1
            let quote = start + name.utf8CodeUnitCount
            guard quote < tag.count else { return nil }
            guard tag.slice(start..<quote).equals(name) else { continue }
            guard let end = tag.firstIndex(of: tag[quote], from: quote + 1) else { return nil }
            return tag.slice((quote + 1)..<end).decimal
        }
        return nil
    }
}
