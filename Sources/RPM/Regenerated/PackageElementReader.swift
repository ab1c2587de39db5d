import Basics
import Mirroring
import XML

/// Reads the packages of a record one after the other as text, cured.
struct PackageElementReader {
    let session: SyncSession
    let file: MirroredMetadata.File

    var name: String { file.record.location.path.description }

    /// - Parameter body: gets each package's number and its text; valid until it returns.
    /// - Throws: ``ChantalError`` `mismatch`, `malformed`, `too_large`, naming the file, and what `body` throws.
    func read(_ body: (Int, UnsafeRawBufferPointer) throws -> Void) throws {
        var splitter = PackageSplitter(file: name)
        let frame = PackageFrame()
        let parser = try XMLParser(file: name, root: root, handler: frame)
        func outside(_ text: UnsafeRawBufferPointer) throws {
            if !frame.isOpen || text.contains(where: { !$0.isASCIISpace }) { try parser.write(text) }
        }
        var number = 0
        try RecordReader.read(file.record, of: session.open(file.file.digest)) { chunk in
            try splitter.write(chunk, outside: outside) { package in
                try body(number, package)
                number += 1
                if number & 0xfff == 0 { try session.checkCancellation() }
            }
        }
        try splitter.finish(outside: outside)
        try parser.finish()
        try PackageCount.check(declared: frame.declaredCount, found: Int64(number), file: name)
    }

    private var root: StaticString? {
        switch file.record.type {
        case "primary": "metadata"
        case "filelists": "filelists"
        case "other": "otherdata"
        default: nil
        }
    }
}

/// What is around the packages of a document: it is parsed, so that a page, a part of a document or one that cannot be cut into packages is
/// not taken for one without packages.
private final class PackageFrame: MarkupHandler {
    /// What `packages=` of the outermost element says.
    private(set) var declaredCount: Int64?
    /// Whether the outermost element has begun.
    private(set) var isOpen = false
    private var depth = 0

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        depth += 1
        if depth == 1 {
            declaredCount = attributes["packages"]?.decimal
            isOpen = true
        } else if depth == 2, name == "package" {
            throw ChantalError(
                .malformed, "a package is written with a prefix, without content or in an encoding other than UTF-8",
                hint: "a mirror without a filter can hold it")
        }
    }

    func endElement(_ name: MarkupName) throws { depth -= 1 }
    func characters(_ text: UnsafeRawBufferPointer) throws {}
}

/// A document that is fed package by package.
final class PackageDocument {
    private let parser: XMLParser
    private static let head = Array(
        "<metadata xmlns=\"http://linux.duke.edu/metadata/common\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">"
            .utf8)

    /// - Parameter file: what messages call it; their lines are counted from the first package that is fed.
    init(file: String, handler: any MarkupHandler) throws {
        parser = try XMLParser(file: file, handler: handler)
        try PackageDocument.head.withUnsafeBytes { try parser.write($0) }
    }

    func write(_ package: UnsafeRawBufferPointer) throws {
        guard let cured = CuredText.cured(package) else { return try parser.write(package) }
        try cured.withUnsafeBytes { try parser.write($0) }
    }

    /// Leaves a plain `format` out.
    func writeWithoutFormat(_ package: UnsafeRawBufferPointer) throws {
        guard let format = PrimaryFeed.plainFormat(of: package) else { return try write(package) }
        try write(package.slice(0..<format.range.lowerBound))
        try write(package.slice(format.range.upperBound..<package.count))
    }

    func finish() throws {
        try Array("</metadata>".utf8).withUnsafeBytes { try parser.write($0) }
        try parser.finish()
    }
}
