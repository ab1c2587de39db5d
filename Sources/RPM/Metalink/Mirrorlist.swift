import Basics

/// Mirrors of a repository: a URL a line, `#` before a comment.
enum Mirrorlist {
    static let sizeLimit = 1 << 20

    /// - Returns: repository URLs without a slash at the end, in the order of the list.
    /// - Throws: ``ChantalError`` `malformed` for an HTML page, or a list without a mirror that can be asked.
    static func read(_ bytes: [UInt8], file: String) throws -> [String] {
        var mirrors: [String] = []
        let text = String(decoding: bytes, as: UTF8.self)
        for line in text.split(whereSeparator: \.isNewline) {
            let url = line.trimmingBlanks
            if url.isEmpty || url.hasPrefix("#") { continue }
            if url.hasPrefix("<") {
                throw ChantalError(
                    .malformed, "the mirrorlist '\(file)' is a page of HTML or XML, not a list of URLs",
                    hint: url.contains("metalink") || text.contains("<metalink")
                        ? "it is a metalink: say 'metalink:' for 'mirrorlist:'" : "open it in a browser", path: file)
            }
            if ["http://", "https://", "file://"].contains(where: url.hasPrefix) {
                mirrors.append(MirrorURL.base(of: String(url)))
            }
        }
        if mirrors.isEmpty {
            throw ChantalError(
                .malformed, "the mirrorlist '\(file)' names no mirror of http, https or file",
                hint: "look whether 'variables' are what the list expects", path: file)
        }
        return mirrors
    }
}
