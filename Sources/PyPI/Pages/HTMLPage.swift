import Basics
import XML

/// The HTML form of the simple API (PEP 503, 592, 629, 658, 714, 740, 792), read as pip reads it.
enum HTMLPage {
    static func project(_ bytes: UnsafeRawBufferPointer, url: String) throws -> ProjectPage {
        var page = ProjectPage()
        try forEachLink(
            in: bytes, url: url,
            meta: { name, content in
                if name == "pypi:repository-version" {
                    try PageReader.checkVersion(content, url)
                } else if name == "pypi:project-status" {
                    page.status = content.isEmpty ? nil : content
                } else if name == "pypi:project-status-reason" {
                    page.statusReason = content.isEmpty ? nil : content
                }
            },
            forLink: { tag, target in
                guard page.files.count < PageReader.mostFiles else {
                    throw ChantalError(.malformed, "\(url) has too many links", url: url)
                }
                page.files.append(file(tag, target))
            })
        return page
    }

    private static func file(_ tag: HTMLTag, _ target: URLReference) -> ProjectFile {
        var file = ProjectFile(filename: target.filename, url: target.requestText)
        if let (algorithm, hex) = target.fragment.flatMap(fragmentHash) { file.declare(algorithm, hex) }
        file.requiresPython = tag["data-requires-python"].flatMap { $0.isEmpty ? nil : $0 }
        file.yanked = tag["data-yanked"]
        file.coreMetadata = coreMetadata(tag["data-core-metadata"] ?? tag["data-dist-info-metadata"])
        if let provenance = tag["data-provenance"], !provenance.isEmpty {
            file.provenance = URLReference(provenance).resolved(against: target).requestText
        }
        return file
    }

    /// `sha256=…`, alone or among other parts (`egg=x&sha256=…`).
    private static func fragmentHash(_ fragment: String) -> (String, String)? {
        for part in fragment.split(separator: "&") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = String(part[..<equals])
            if ChecksumAlgorithm(rawValue: name) != nil { return (name, String(part[part.index(after: equals)...])) }
        }
        return nil
    }

    private static func coreMetadata(_ text: String?) -> CoreMetadata {
        guard let text else { return .none }
        if text == "true" { return .unhashed }
        guard let equals = text.firstIndex(of: "=") else { return .none }
        let checksum = try? Checksum.declared(String(text[..<equals]), String(text[text.index(after: equals)...]))
        return checksum.flatMap { $0 }.map { .hashed([$0]) } ?? .unhashed
    }

    static func list(_ bytes: UnsafeRawBufferPointer, url: String) throws -> ProjectList {
        var list = ProjectList()
        let here = URLReference(url)
        try forEachLink(
            in: bytes, url: url,
            meta: { name, content in
                if name == "pypi:repository-version" { try PageReader.checkVersion(content, url) }
            },
            forLink: { tag, target in
                // A link that leads up, or elsewhere, is no project.
                if target.filename.isEmpty || target.query != nil || isAbove(target, here) { return }
                list.projects.append(ProjectList.Project(name: listedName(tag.text, target), serial: nil))
            })
        return list
    }

    private static func isAbove(_ target: URLReference, _ page: URLReference) -> Bool {
        target.authority == page.authority && target.path.hasSuffix("/") && page.path.hasPrefix(target.path)
    }

    /// The text of a link is the name (PEP 503); a listing of directories has it with a slash, or shortens it.
    private static func listedName(_ text: String, _ target: URLReference) -> String {
        var name = text[...]
        while name.hasSuffix("/") { name.removeLast() }
        if ProjectName(name) != nil { return String(name) }
        return name.isEmpty || ProjectName(target.filename) != nil ? target.filename : String(name)
    }

    /// Every link with a target, resolved; the first `<base>` with one counts for all (as in pip).
    private static func forEachLink(
        in bytes: UnsafeRawBufferPointer, url: String, meta: (String, String) throws -> Void,
        forLink: (HTMLTag, URLReference) throws -> Void
    ) throws {
        let document = URLReference(url)
        var firstBase: URLReference?
        HTMLScanner.forEachStartTag(in: bytes, named: ["base"]) { tag in
            guard firstBase == nil, let reference = tag["href"] else { return }
            firstBase = URLReference(withoutSpace(reference)).resolved(against: document)
        }
        let base = firstBase ?? document
        try HTMLScanner.forEachStartTag(in: bytes, named: ["a", "meta"]) { tag in
            if tag.name == "meta" {
                if let name = tag["name"], let content = tag["content"] { try meta(name, content) }
            } else if let reference = tag["href"].map(withoutSpace), !reference.isEmpty {
                try forLink(tag, URLReference(reference).resolved(against: base))
            }
        }
    }

    /// Lines may be broken within a URL, and space stand around it (URL Standard, "basic URL parser").
    private static func withoutSpace(_ reference: String) -> String {
        guard reference.utf8.contains(where: { $0 <= 0x20 }) else { return reference }
        var bytes = Array(reference.utf8)[...]
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        bytes = bytes.drop { $0 <= 0x20 }
        return String(decoding: bytes.filter { ![0x09, 0x0a, 0x0d].contains($0) }, as: UTF8.self)
    }
}
