import Basics

/// Reads a manifest's text as it arrives.
///
/// Nothing but the canonical text is accepted, and no path that leaves its root: the text may come from another machine.
public struct ManifestParser {
    private static let longestLine = 4200

    /// The beginning of a line whose end has not come.
    private var rest: [UInt8] = []
    private var lines = 0
    private var order = PathOrder()
    private let isWanted: ((Role, UnsafeRawBufferPointer) -> Bool)?

    /// Parses every line.
    public init() { isWanted = nil }

    /// Parses lines of a text that a digest vouches for, and passes over others.
    /// - Parameter isWanted: of a line's role and the bytes of its path. Of lines that are not wanted nothing else is looked at.
    public init(where isWanted: ((Role, UnsafeRawBufferPointer) -> Bool)?) { self.isWanted = isWanted }

    /// Takes more of the text, and gives every line that is complete.
    public mutating func feed(_ chunk: UnsafeRawBufferPointer, _ body: (ManifestLine) throws -> Void) throws {
        var start = 0
        if !rest.isEmpty {
            guard let end = chunk.firstIndex(of: 0x0a, from: 0) else { return try keep(chunk) }
            try keep(chunk.slice(0..<end))
            let line = rest
            rest.removeAll(keepingCapacity: true)
            try line.withUnsafeBytes { try take($0, body) }
            start = end + 1
        }
        while let end = chunk.firstIndex(of: 0x0a, from: start) {
            try take(chunk.slice(start..<end), body)
            start = end + 1
        }
        try keep(chunk.slice(start..<chunk.count))
    }

    /// To be called at the end of the text.
    public func finish() throws {
        if lines == 0 || !rest.isEmpty { throw malformed("it ends in the middle of a line") }
    }

    private mutating func keep(_ part: UnsafeRawBufferPointer) throws {
        if rest.count + part.count > ManifestParser.longestLine { throw malformed("the line is too long") }
        rest.append(contentsOf: part)
    }

    private func malformed(_ reason: String) -> ChantalError {
        ChantalError(.malformed, "line \(lines + 1) of the manifest: \(reason)")
    }

    private mutating func take(_ line: UnsafeRawBufferPointer, _ body: (ManifestLine) throws -> Void) throws {
        if lines == 0 {
            guard line.equals("chantal-manifest 1") else {
                if line.count > 17, line.slice(0..<17).equals("chantal-manifest ") {
                    throw malformed("its format is newer than this chantal")
                }
                throw malformed("it does not begin with 'chantal-manifest 1'")
            }
            lines = 1
            return
        }
        guard line.count > 66, line[64] == 0x20 else { throw malformed("it does not begin with a SHA-256") }
        guard let sizeEnd = line.firstIndex(of: 0x20, from: 65) else { throw malformed("the second word is no size") }
        guard let roleEnd = line.firstIndex(of: 0x20, from: sizeEnd + 1),
            let role = ManifestParser.role(line.slice((sizeEnd + 1)..<roleEnd))
        else { throw malformed("the third word is no role") }
        let path = line.slice((roleEnd + 1)..<line.count)
        if let isWanted, !isWanted(role, path) {
            lines += 1
            return
        }
        guard let digest = BlobNames.digest(line.slice(0..<64)) else {
            throw malformed("it does not begin with a SHA-256")
        }
        guard let size = line.slice(65..<sizeEnd).decimal, line[65] != 0x30 || sizeEnd == 66 else {
            throw malformed("the second word is no size")
        }
        guard !path.isEmpty, path.count <= 4000 else { throw malformed("the path is not normal") }
        let common: Int
        do { common = try order.next(path) } catch {
            throw ChantalError.wrap(error).within("line \(lines + 1) of the manifest")
        }
        guard ManifestParser.isNormal(path, from: common) else { throw malformed("the path is not normal") }
        try body(ManifestLine(digest: digest, size: size, role: role, path: path))
        lines += 1
    }

    private static func role(_ word: UnsafeRawBufferPointer) -> Role? {
        if word.equals("package") { return .package }
        if word.equals("metadata") { return .metadata }
        if word.equals("pointer") { return .pointer }
        return word.equals("retained") ? .retained : nil
    }

    /// What ``RepositoryPath`` would accept and leave as it is, if that is known of so many bytes at its beginning.
    private static func isNormal(_ path: UnsafeRawBufferPointer, from known: Int) -> Bool {
        var start = known
        while start > 0, path[start - 1] != 0x2f { start -= 1 }
        for index in start..<path.count {
            let byte = path[index]
            if byte < 0x20 || byte == 0x7f { return false }
            if byte == 0x2f {
                guard isSegment(path, start, index) else { return false }
                start = index + 1
            }
        }
        return isSegment(path, start, path.count)
    }

    @inline(__always)
    private static func isSegment(_ path: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Bool {
        let count = end - start
        if count == 0 || count > 255 { return false }
        if path[start] != 0x2e || count > 2 { return true }
        return count == 2 && path[start + 1] != 0x2e
    }
}
