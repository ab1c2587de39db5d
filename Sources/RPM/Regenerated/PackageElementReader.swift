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
        var number = 0
        try RecordReader.read(file.record, of: session.open(file.file.digest)) { chunk in
            try splitter.write(chunk) { package in
                try body(number, package)
                number += 1
                if number & 0xfff == 0 { try session.checkCancellation() }
            }
        }
        try splitter.finish()
    }
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
