import Basics

/// Reads pages of the simple repository API, JSON (PEP 691) or HTML (PEP 503), told apart by their content: mirrors get types wrong.
enum PageReader {
    /// What clients accept, best first. `text/html` is what static mirrors have.
    static let accept =
        "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"

    /// The largest page that is read: a project with a hundred thousand files has less.
    static let largestPage: Int64 = 256 << 20
    /// The largest list of projects.
    static let largestList: Int64 = 1 << 30
    /// Pages with more files are refused.
    static let mostFiles = 1_000_000

    /// - Parameters:
    ///   - url: where the page was, for its relative references.
    ///   - contentType: as the server names it.
    /// - Throws: ``ChantalError`` `malformed` for JSON that breaks its format, or has a major version above 1.
    static func project(_ bytes: [UInt8], url: String, contentType: String? = nil) throws -> ProjectPage {
        try bytes.withUnsafeBytes {
            isJSON($0, contentType) ? try JSONPage.project($0, url: url) : try HTMLPage.project($0, url: url)
        }
    }

    static func projectList(_ bytes: [UInt8], url: String, contentType: String? = nil) throws -> ProjectList {
        try bytes.withUnsafeBytes {
            isJSON($0, contentType) ? try JSONPage.list($0, url: url) : try HTMLPage.list($0, url: url)
        }
    }

    /// What looks like JSON is; and what is called so has to be, or a login page would be an empty project.
    private static func isJSON(_ bytes: UnsafeRawBufferPointer, _ contentType: String?) -> Bool {
        let start = bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf ? 3 : 0
        if let first = bytes.dropFirst(start).first(where: { !$0.isASCIISpace }) {
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return true }
        }
        let type = contentType?.prefix { $0 != ";" }.lowercased() ?? ""
        return type.hasPrefix("application/vnd.pypi.simple.v") && type.contains("+json")
    }

    static func checkVersion(_ text: String, _ url: String) throws {
        guard let major = text.split(separator: ".").first, major != "1" else { return }
        throw ChantalError(
            .malformed, "\(url) is of version \(major) of the simple API; this chantal reads version 1", url: url)
    }
}

/// The projects of an index.
struct ProjectList: Sendable, Equatable {
    struct Project: Sendable, Equatable {
        /// As the list writes it.
        var name: String
        /// Grows with every change of the project.
        var serial: Int64?
        /// On chantal's own lists: the serial in a list that tells none, for what is served depends on more.
        var pageSerial: Int64?
        /// On chantal's own lists: of the newest page that was taken.
        var seenSerial: Int64?
    }

    var projects: [Project] = []
    /// Of the last change that the list tells of, where the index counts changes.
    var serial: Int64?
}
