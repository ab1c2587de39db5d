import Basics
import XML

/// Mirrors of a repository, and what its repomd.xml has to be (Metalink 3.0 with MirrorManager's additions).
struct Metalink: Sendable {
    /// Repository URLs without a slash at the end, the most preferred first.
    var mirrors: [String] = []
    /// Of the current repomd.xml; all of them have to hold, MD5 too: whom to trust, signatures say.
    var checksums: [Checksum] = []
    var size: Int64?
    var timestamp: Int64?

    static let sizeLimit = 16 << 20
    static let mirrorLimit = 10_000

    /// - Throws: ``ChantalError`` `malformed` for what is no metalink of a repomd.xml, or has no mirror that can be asked.
    static func read(_ bytes: [UInt8], file: String) throws -> Metalink {
        let reader = MetalinkReader()
        try XMLParser.parse(bytes, file: file, root: "metalink", handler: reader)
        func refuse(_ reason: String) -> ChantalError {
            ChantalError(
                .malformed, "the metalink '\(file)' is refused: \(reason)",
                hint: "open it in a browser: it has to be the metalink of one repository", path: file)
        }
        guard let result = reader.finish() else { throw refuse("it is not about a repomd.xml") }
        if result.mirrors.isEmpty { throw refuse("it names no mirror of http, https or file") }
        return result
    }
}

/// Reads a metalink; alternates, which describe older repomd.xml files, do not count.
private final class MetalinkReader: MarkupHandler {
    private var result: Metalink?
    private var mirrors: [(preference: Int64, url: String)] = []
    private var path: [String] = []
    private var text = TextCollector(limit: 8192)
    private var attribute = ""

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        path.append(name.text)
        if path == ["metalink", "files", "file"], attributes["name"]?.equals("repomd.xml") == true, result == nil {
            result = Metalink()
        }
        guard result != nil else { return }
        switch name {
        case "hash": attribute = attributes["type"]?.text ?? ""
        case "url": attribute = attributes["preference"]?.text ?? ""
        default: break
        }
        text.open()
    }

    func characters(_ text: UnsafeRawBufferPointer) throws { try self.text.append(text) }

    func endElement(_ name: MarkupName) throws {
        defer { path.removeLast() }
        if path == ["metalink", "files", "file"], result != nil, !isClosed { isClosed = true }
        guard result != nil, !isClosed || path.count > 3, text.isOpen, !path.contains("alternates") else { return }
        switch Array(path.dropFirst(3)) {
        case ["timestamp"]: result?.timestamp = text.close { $0.decimal }
        case ["size"]: result?.size = text.close { $0.decimal }
        case ["verification", "hash"]: addChecksum()
        case ["resources", "url"]: try addMirror()
        default: break
        }
    }

    private var isClosed = false

    private func addChecksum() {
        if isClosed { return }
        // Types that nobody knows, and values that are none, are no reason to do without the others.
        var type = attribute
        let algorithm = type.withUTF8 { ChecksumAlgorithm(repodata: UnsafeRawBufferPointer($0)) }
        let checksum = text.close { hex in algorithm.flatMap { Checksum($0, hex: hex) } }
        if let checksum { result?.checksums.append(checksum) }
    }

    private func addMirror() throws {
        if isClosed { return }
        let url = text.close()
        guard ["http://", "https://", "file://"].contains(where: url.hasPrefix) else { return }
        guard mirrors.count < Metalink.mirrorLimit else { throw ChantalError(.tooLarge, "there are too many mirrors") }
        var preference = attribute
        mirrors.append((preference.withUTF8 { UnsafeRawBufferPointer($0).decimal } ?? 0, MirrorURL.base(of: url)))
    }

    func finish() -> Metalink? {
        // Stable: mirrors of one preference stay in the order of the file.
        result?.mirrors = mirrors.enumerated()
            .sorted { ($1.element.preference, $0.offset) < ($0.element.preference, $1.offset) }.map(\.element.url)
        return result
    }
}

enum MirrorURL {
    /// A repository's URL from that of its repomd.xml, or from its own; without a slash at the end.
    static func base(of url: String) -> String {
        var text = url[...]
        if text.hasSuffix("/repodata/repomd.xml") { text = text.dropLast("/repodata/repomd.xml".count) }
        while text.hasSuffix("/") { text = text.dropLast() }
        return String(text)
    }
}
