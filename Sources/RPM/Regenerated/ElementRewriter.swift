import Basics
import XML

/// Writes packages anew as they are parsed: every element that upstream has, in one form, so that the same content has the same bytes.
final class ElementRewriter: MarkupHandler {
    /// What changes of a package.
    struct Changes {
        /// Its new place in the repository.
        var path: RepositoryPath
        /// Its new `pkgid`, where upstream's checksum is weak.
        var digest: Digest?
    }

    private var bytes: [UInt8] = []
    private var depth = 0
    private var text: [UInt8] = []
    /// Whether the start tag that was written last still waits for its `>`.
    private var isOpen = false
    /// By depth, whether the element has elements in it.
    private var hasChildren: [Bool] = [false]
    private var changes: Changes?
    /// Whether the text of the element that is being read is replaced by the new pkgid.
    private var replacesText = false
    private let textLimit = 16 << 20

    /// To be called before each package is fed.
    func begin(_ changes: Changes) { self.changes = changes }

    /// Hands out what was written since the last call.
    func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        if bytes.isEmpty { return }
        // Taken out: nothing may be written to bytes that are lent.
        var written: [UInt8] = []
        swap(&written, &bytes)
        try written.withUnsafeBytes { try body($0) }
        written.removeAll(keepingCapacity: true)
        swap(&written, &bytes)
    }

    /// Whether the package that was fed last has ended.
    var isBetweenPackages: Bool { depth == 1 && !bytes.isEmpty }

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        defer { depth += 1 }
        if depth == 0 { return }
        flushBefore()
        indent()
        bytes.append(UInt8(ascii: "<"))
        append(name)
        let isLocation = depth == 2 && name == "location"
        let isPackage = depth == 1
        for index in 0..<attributes.count {
            let prefix = attributes.prefix(index)
            // What a base was for, the new place has taken over.
            if isLocation, prefix != nil { continue }
            bytes.append(UInt8(ascii: " "))
            if let prefix {
                bytes.append(contentsOf: prefix)
                bytes.append(UInt8(ascii: ":"))
            }
            let key = attributes.name(index)
            bytes.append(contentsOf: key)
            bytes.append(UInt8(ascii: "="))
            bytes.append(UInt8(ascii: "\""))
            if isLocation, key.equals("href"), let changes {
                changes.path.bytes.withUnsafeBytes { appendAttribute($0) }
            } else if isPackage, key.equals("pkgid"), let digest = changes?.digest {
                digest.appendHex(to: &bytes)
            } else if depth == 2, name == "checksum", key.equals("type"), changes?.digest != nil {
                bytes += "sha256".utf8
            } else {
                appendAttribute(attributes.value(index))
            }
            bytes.append(UInt8(ascii: "\""))
        }
        replacesText = depth == 2 && name == "checksum" && changes?.digest != nil
        isOpen = true
        hasChildren.append(false)
    }

    func characters(_ text: UnsafeRawBufferPointer) throws {
        guard depth > 1 else { return }
        guard self.text.count + text.count <= textLimit else {
            throw ChantalError(.tooLarge, "a text is longer than \(ByteCount.text(Int64(textLimit)))")
        }
        self.text.append(contentsOf: text)
    }

    func endElement(_ name: MarkupName) throws {
        depth -= 1
        if depth == 0 { return }
        let hadChildren = hasChildren.removeLast()
        if replacesText, let digest = changes?.digest {
            text = Array(digest.hex.utf8)
            replacesText = false
        }
        if hadChildren {
            flushBefore(isEnd: true)
            indent()
        } else if text.isEmpty, isOpen {
            bytes += "/>\n".utf8
            isOpen = false
            return
        } else {
            closeTag()
            writeText()
        }
        bytes += "</".utf8
        append(name)
        bytes += ">\n".utf8
    }

    private func closeTag() {
        if isOpen { bytes.append(UInt8(ascii: ">")) }
        isOpen = false
    }

    /// Ends the line of the element around; blanks between elements go, other text stays.
    private func flushBefore(isEnd: Bool = false) {
        if !isEnd, depth > 1, let last = hasChildren.indices.last, !hasChildren[last] {
            hasChildren[last] = true
            closeTag()
            bytes.append(0x0a)
        }
        if text.isEmpty { return }
        if text.contains(where: { !$0.isASCIISpace }) {
            writeText()
            bytes.append(0x0a)
        }
        text.removeAll(keepingCapacity: true)
    }

    private func indent() {
        for _ in 1..<max(depth, 1) { bytes += "  ".utf8 }
    }

    private func append(_ name: MarkupName) {
        // Whatever upstream's prefix is: besides its own, primary knows the elements of rpm only.
        if name.hasPrefix { bytes += "rpm:".utf8 }
        bytes.append(contentsOf: name.bytes)
    }

    /// Writes ``text`` and empties it.
    private func writeText() {
        var written: [UInt8] = []
        swap(&written, &text)
        written.withUnsafeBytes { appendEscaped($0, isAttribute: false) }
        written.removeAll(keepingCapacity: true)
        swap(&written, &text)
    }

    private func appendAttribute(_ value: UnsafeRawBufferPointer) { appendEscaped(value, isAttribute: true) }

    /// Writes run by run what needs no escape, as nearly all does.
    private func appendEscaped(_ value: UnsafeRawBufferPointer, isAttribute: Bool) {
        var start = 0
        for index in value.indices {
            guard let escape = ElementRewriter.escape(value[index], isAttribute: isAttribute) else { continue }
            bytes.append(contentsOf: value.slice(start..<index))
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: escape.utf8Start, count: escape.utf8CodeUnitCount))
            start = index + 1
        }
        bytes.append(contentsOf: value.slice(start..<value.count))
    }

    @inline(__always)
    private static func escape(_ byte: UInt8, isAttribute: Bool) -> StaticString? {
        if byte > UInt8(ascii: ">") { return nil }
        switch byte {
        case UInt8(ascii: "&"): return "&amp;"
        case UInt8(ascii: "<"): return "&lt;"
        case UInt8(ascii: ">"): return "&gt;"
        case 0x0d: return "&#13;"
        case UInt8(ascii: "\"") where isAttribute: return "&quot;"
        case 0x09 where isAttribute: return "&#9;"
        case 0x0a where isAttribute: return "&#10;"
        default: return nil
        }
    }
}
