import Basics
import Mirroring
import XML

/// A file that filelists tells of, and the package that holds it.
struct FoundFile {
    let path: [UInt8]
    let name: [UInt8]
    let architecture: [UInt8]
    let evr: EVR
}

/// Looks for files in filelists, most of which is not parsed.
final class FileSearch {
    private(set) var found: [FoundFile] = []
    private let document: PackageDocument
    /// The paths as they stand in the document.
    private var written = NameTable()
    private let handler: Handler

    /// - Parameter file: the document as messages call it.
    init(_ paths: [[UInt8]], file: String) throws {
        handler = Handler(Set(paths))
        document = try PackageDocument(file: file, handler: handler)
        for path in paths {
            _ = path.withUnsafeBytes { written.number(of: $0) }
            let escaped = path.flatMap { FileSearch.escapes[$0].map { Array($0.utf8) } ?? [$0] }
            _ = escaped.withUnsafeBytes { written.number(of: $0) }
        }
    }

    private static let escapes: [UInt8: String] = [
        UInt8(ascii: "&"): "&amp;", UInt8(ascii: "<"): "&lt;", UInt8(ascii: ">"): "&gt;",
    ]

    /// Takes the text of a package.
    func take(_ package: UnsafeRawBufferPointer) throws { if mayHold(package) { try document.write(package) } }

    func finish() throws {
        try document.finish()
        found = handler.found
    }

    private func mayHold(_ package: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while let open = package.firstIndex(of: UInt8(ascii: "<"), from: place) {
            place = open + 1
            guard place + 4 < package.count, package.slice(place..<(place + 4)).equals("file"),
                let start = package.firstIndex(of: UInt8(ascii: ">"), from: place),
                let end = package.firstIndex(of: UInt8(ascii: "<"), from: start)
            else { continue }
            if written.find(package.slice((start + 1)..<end).trimmed) != nil { return true }
            place = end
        }
        return false
    }

    private final class Handler: MarkupHandler {
        var found: [FoundFile] = []
        private let paths: Set<[UInt8]>
        private var name: [UInt8] = []
        private var architecture: [UInt8] = []
        private var evr = EVR("")
        private var text = TextCollector(limit: 1 << 16)

        init(_ paths: Set<[UInt8]>) { self.paths = paths }

        func startElement(_ element: MarkupName, _ attributes: MarkupAttributes) throws {
            func bytes(_ key: StaticString) -> [UInt8] { attributes[key].map { Array($0) } ?? [] }
            switch element {
            case "package": (name, architecture) = (bytes("name"), bytes("arch"))
            case "version": evr = EVR(epoch: bytes("epoch"), version: bytes("ver"), release: bytes("rel"))
            case "file": text.open()
            default: break
            }
        }

        func characters(_ text: UnsafeRawBufferPointer) throws { try self.text.append(text) }

        func endElement(_ element: MarkupName) throws {
            guard element == "file" else { return }
            let path = text.close { Array($0) }
            if paths.contains(path) {
                found.append(FoundFile(path: path, name: name, architecture: architecture, evr: evr))
            }
        }
    }
}
