import Basics
import Glibc

/// Serves files below a directory, with ETag, Last-Modified, conditions and ranges (RFC 9110, 13 and 14).
enum StaticFiles {
    static func answer(_ request: LoopbackRequest, root: String) -> LoopbackResponse {
        let segments = request.path.split(separator: "/", omittingEmptySubsequences: true)
        guard !segments.contains(".."), !request.path.utf8.contains(0) else {
            return LoopbackResponse(status: 400, text: "bad path\n")
        }
        var path = root + "/" + segments.joined(separator: "/")
        if request.path.hasSuffix("/") { path += "/index.html" }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return LoopbackResponse(status: 404, text: "not found\n")
        }
        let modified = status.st_mtim
        let tag = [modified.tv_sec, modified.tv_nsec, status.st_size].map { String($0, radix: 16) }
        return content(
            .file(path: path, size: status.st_size), type: type(of: path), tag: tag.joined(separator: "-"),
            modified: Timestamp(seconds: Int64(modified.tv_sec)))
    }

    static func content(_ body: LoopbackResponse.Body, type: String, tag: String, modified: Timestamp)
        -> LoopbackResponse
    {
        var response = LoopbackResponse(
            fields: [
                ("Content-Type", type), ("ETag", "\"\(tag)\""), ("Last-Modified", modified.rfc2822(zone: "GMT")),
                ("Accept-Ranges", "bytes"),
            ], body: body)
        response.isContent = true
        return response
    }

    private static func type(of path: String) -> String {
        let types = ["html": "text/html", "json": "application/json", "xml": "application/xml", "txt": "text/plain"]
        return types[String(path.split(separator: ".").last ?? "")] ?? "application/octet-stream"
    }

    /// Whether the client's copy is still good.
    static func isNotModified(_ request: LoopbackRequest, _ response: LoopbackResponse) -> Bool {
        if let wanted = request["If-None-Match"] {
            if wanted == "*" { return true }
            let tags = wanted.split(separator: ",").map { $0.trimmed.dropPrefix("W/") }
            return response.fields["ETag"].map { tags.contains($0.dropPrefix("W/")) } ?? false
        }
        if let since = request["If-Modified-Since"].flatMap(Timestamp.init(rfc2822:)),
            let modified = response.fields["Last-Modified"].flatMap(Timestamp.init(rfc2822:))
        {
            return modified <= since
        }
        return false
    }

    enum RangeAnswer {
        case whole
        case part(Range<Int>)
        case unsatisfiable
    }

    /// The part that a request asks for: one range of bytes; several are answered with the whole.
    static func range(_ request: LoopbackRequest, _ response: LoopbackResponse) -> RangeAnswer {
        let size = response.body.count
        guard let text = request["Range"], text.hasPrefix("bytes="), !text.contains(",") else { return .whole }
        if let condition = request["If-Range"], condition != response.fields["ETag"],
            condition != response.fields["Last-Modified"]
        {
            return .whole
        }
        let ends = text.dropPrefix("bytes=").split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return .whole }
        if ends[0].isEmpty {
            guard let suffix = Int(ends[1]) else { return .whole }
            return suffix == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - suffix)..<size)
        }
        guard let start = Int(ends[0]) else { return .whole }
        guard start < size else { return .unsatisfiable }
        guard !ends[1].isEmpty else { return .part(start..<size) }
        guard let last = Int(ends[1]), last >= start else { return .whole }
        return .part(start..<min(size, last + 1))
    }
}

extension StringProtocol {
    var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }

    func dropPrefix(_ prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : String(self) }
}
