import Basics
import XML

/// Feeds primary.xml to a reader that does not look into the `format` of packages, which is most of it: three quarters of the document
/// need not be parsed.
///
/// A `format` is passed over only if it is plain ASCII, without entities, comments and sections, and if its tags close each other.
/// Everything else is parsed, so that what is wrong with it is found.
final class PrimaryFeed {
    private let parser: XMLParser
    private var splitter: PackageSplitter

    init(file: String, handler: any MarkupHandler) throws {
        parser = try XMLParser(file: file, root: "metadata", handler: handler)
        splitter = PackageSplitter(file: file)
    }

    func write(_ chunk: UnsafeRawBufferPointer) throws {
        let parser = self.parser
        func outside(_ text: UnsafeRawBufferPointer) throws { try parser.write(text) }
        try splitter.write(chunk, outside: outside) { package in
            guard let format = PrimaryFeed.plainFormat(of: package) else { return try parser.write(package) }
            try parser.write(package.slice(0..<format.range.lowerBound))
            // Lines keep their numbers.
            try [UInt8](repeating: 0x0a, count: format.lines).withUnsafeBytes { try parser.write($0) }
            try parser.write(package.slice(format.range.upperBound..<package.count))
        }
    }

    func finish() throws {
        let parser = self.parser
        try splitter.finish { try parser.write($0) }
        try parser.finish()
    }

    private static let startTag: StaticString = "<format>"
    private static let depthLimit = 32

    /// What lies between `<format>` and `</format>`, and its number of lines; nil where it has to be parsed.
    static func plainFormat(of package: UnsafeRawBufferPointer) -> (range: Range<Int>, lines: Int)? {
        var place = 0
        var start: Int?
        while let open = package.firstIndex(of: UInt8(ascii: "<"), from: place) {
            let end = open + startTag.utf8CodeUnitCount
            if end <= package.count, package[open + 1] == UInt8(ascii: "f"), package.slice(open..<end).equals(startTag)
            {
                start = end
                break
            }
            if open + 1 < package.count, package[open + 1] == UInt8(ascii: "!") { return nil }
            place = open + 1
        }
        guard let start, let end = end(of: package, from: start) else { return nil }
        var lines = 0
        var isOdd = false
        for byte in package.slice(start..<end) {
            lines += byte == 0x0a ? 1 : 0
            isOdd = isOdd || byte >= 0x80 || byte == UInt8(ascii: "&") || (byte < 0x20 && byte != 0x0a && byte != 0x09)
        }
        return isOdd ? nil : (start..<end, lines)
    }

    /// Where the end tag stands that closes what is open at a place.
    private static func end(of package: UnsafeRawBufferPointer, from place: Int) -> Int? {
        var place = place
        var depth = 0
        while let open = package.firstIndex(of: UInt8(ascii: "<"), from: place), open + 1 < package.count {
            let next = package[open + 1]
            if next == UInt8(ascii: "/") {
                if depth == 0 { return open }
                depth -= 1
                place = open + 2
                continue
            }
            if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") { return nil }
            guard let close = package.firstIndex(of: UInt8(ascii: ">"), from: open) else { return nil }
            if package[close - 1] != UInt8(ascii: "/") { depth += 1 }
            if depth > depthLimit { return nil }
            place = close + 1
        }
        return nil
    }
}
