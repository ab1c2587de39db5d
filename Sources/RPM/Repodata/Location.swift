import Basics
import Mirroring

/// Where a `location` element points: `href`, relative to the repository, or to `xml:base` where there is one.
///
/// The href is raw, not percent-encoded: clients encode it once.
struct Location: Sendable, Hashable {
    let path: RepositoryPath
    /// `xml:base`, if it is given.
    let base: String?
    /// Whether it lies beside the repository, as Amazon's `../blobstore/`: then ``path`` is its place within a repository written anew.
    let isBeside: Bool

    /// - Throws: ``ChantalError`` `unsafe_path` for what leaves the repository, or could: URLs, absolute paths, `..`, backslashes. It
    ///   does not name the file that says so.
    init(href: UnsafeRawBufferPointer, base: UnsafeRawBufferPointer?, mayBeRebased: Bool = false) throws {
        if Location.isURL(href) || href.contains(UInt8(ascii: "\\")) {
            let shown = RepositoryPath(trusted: Array(href.prefix(300))).description
            throw ChantalError(
                .unsafePath,
                "the location '\(shown)' is refused: it is \(Location.isURL(href) ? "a URL" : "written with backslashes")"
            )
        }
        isBeside = href.starts(with: Location.blobstore)
        if isBeside, !mayBeRebased {
            throw ChantalError(
                .unsafePath, "the location '\(href.text)' is refused: it lies beside the repository",
                hint: "a repository with 'filter' is written anew, with its packages within it")
        }
        do { path = try RepositoryPath(href.slice((isBeside ? 3 : 0)..<href.count)) } catch {
            // The path itself is in the message; the error is of the file that names it.
            let error = ChantalError.wrap(error)
            throw ChantalError(error.code, error.message, hint: error.hint)
        }
        self.base = base.flatMap { $0.isEmpty ? nil : $0.text }
    }

    private static let blobstore = Array("../blobstore/".utf8)

    /// Where upstream has it.
    func source() throws -> FileSource {
        if let base {
            guard ["http://", "https://", "file://"].contains(where: base.hasPrefix) else {
                throw ChantalError(.unsafePath, "the base '\(Redaction.url(base))' is no URL of http, https or file")
            }
            return .url("\(base)\(base.hasSuffix("/") ? "" : "/")\(path.urlEncoded)")
        }
        return isBeside ? .beside(path) : .path(path)
    }

    /// `http://…`, `file:/…`: a scheme and at least one slash. A file name may well hold a colon.
    private static func isURL(_ href: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < href.count {
            let byte = href[index]
            if byte == UInt8(ascii: ":") {
                return index > 0 && index + 1 < href.count && href[index + 1] == UInt8(ascii: "/")
            }
            guard byte.isASCIILetter || byte.isASCIIDigit || "+-.".utf8.contains(byte) else { return false }
            index += 1
        }
        return false
    }
}
