import Basics

/// Writes the pages of a project: JSON (PEP 691, 700, 714, 740, 792) and HTML (PEP 503, 592, 658, 714, 740, 792).
///
/// URLs are relative, so that a page reads the same under every publication; they end with the file's name, for pip takes it from there.
enum ProjectPageWriter {
    /// Of the simple API: the one that brought project status.
    static let version: StaticString = "1.4"

    static func json(_ project: PublishedProject) -> [UInt8] {
        var text = PageText()
        text.add("{\"meta\":{\"api-version\":\"")
        text.add(version)
        text.add("\"},\"name\":")
        text.add(json: project.name.text)
        if let summary = project.summary {
            // For the catalog: keys that begin with an underscore are an index's own affair (PEP 691).
            text.add(",\"_summary\":")
            text.add(json: summary)
        }
        if let homepage = project.homepage {
            text.add(",\"_homepage\":")
            text.add(json: homepage)
        }
        if let status = project.status {
            text.add(",\"project-status\":{\"status\":")
            text.add(json: status)
            if let reason = project.statusReason {
                text.add(",\"reason\":")
                text.add(json: reason)
            }
            text.add("}")
        }
        text.add(",\"versions\":[")
        for (index, version) in project.versions.enumerated() {
            if index > 0 { text.add(",") }
            text.add(json: version)
        }
        text.add("],\"files\":[")
        for (index, file) in project.files.enumerated() {
            text.add(index > 0 ? ",\n" : "\n")
            add(file, of: project.name, to: &text)
        }
        text.add("]}\n")
        return text.bytes
    }

    private static func add(_ file: PublishedFile, of project: ProjectName, to text: inout PageText) {
        text.add("{\"filename\":")
        text.add(json: file.filename)
        text.add(",\"url\":\"")
        add(urlOf: file, of: project, to: &text)
        text.add("\",\"hashes\":{\"sha256\":\"")
        text.add(hex: file.digest)
        text.add("\"")
        for checksum in file.checksums where checksum.algorithm != .sha256 {
            text.add(",")
            text.add(json: checksum.algorithm.rawValue)
            text.add(":")
            text.add(json: checksum.hex)
        }
        text.add("}")
        if let requires = file.requiresPython {
            text.add(",\"requires-python\":")
            text.add(json: requires)
        }
        text.add(",\"size\":")
        text.add(plain: String(file.size))
        if let time = file.uploadTime {
            text.add(",\"upload-time\":")
            text.add(json: time)
        }
        text.add(",\"yanked\":")
        switch file.yanked {
        case nil: text.add("false")
        case ""?: text.add("true")
        case let reason?: text.add(json: reason)
        }
        text.add(",\"core-metadata\":")
        if let metadata = file.metadata {
            text.add("{\"sha256\":\"")
            text.add(hex: metadata)
            text.add("\"}")
        } else {
            text.add("false")
        }
        if let provenance = file.provenance {
            text.add(",\"provenance\":")
            text.add(json: provenance)
        }
        add(why: file.why, to: &text)
        text.add("}")
    }

    /// For `show`.
    private static func add(why: [String], to text: inout PageText) {
        if why.isEmpty { return }
        text.add(",\"_why\":[")
        for (index, requirement) in why.enumerated() {
            if index > 0 { text.add(",") }
            text.add(json: requirement)
        }
        text.add("]")
    }

    private static func add(urlOf file: PublishedFile, of project: ProjectName, to text: inout PageText) {
        text.add("../../packages/")
        text.add(plain: project.text)
        text.add("/")
        text.add(plain: RepositoryPath(trusted: Array(file.filename.utf8)).urlEncoded)
    }
}

extension ProjectPageWriter {
    static func html(_ project: PublishedProject) -> [UInt8] {
        var text = PageText()
        text.add("<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"")
        text.add(version)
        text.add("\">\n")
        if let status = project.status {
            add("pypi:project-status", status, to: &text)
            if let reason = project.statusReason { add("pypi:project-status-reason", reason, to: &text) }
        }
        text.add("<title>Links for ")
        text.add(html: project.displayName)
        text.add("</title>\n</head>\n<body>\n<h1>Links for ")
        text.add(html: project.displayName)
        text.add("</h1>\n")
        for file in project.files { add(linkTo: file, of: project.name, to: &text) }
        text.add("</body>\n</html>\n")
        return text.bytes
    }

    private static func add(_ name: StaticString, _ content: String, to text: inout PageText) {
        text.add("<meta name=\"")
        text.add(name)
        text.add("\" content=\"")
        text.add(html: content)
        text.add("\">\n")
    }

    private static func add(linkTo file: PublishedFile, of project: ProjectName, to text: inout PageText) {
        text.add("<a href=\"")
        add(urlOf: file, of: project, to: &text)
        text.add("#sha256=")
        text.add(hex: file.digest)
        text.add("\"")
        add(attribute: "data-requires-python", file.requiresPython, to: &text)
        add(attribute: "data-yanked", file.yanked, to: &text)
        let metadata = file.metadata.map { "sha256=\($0)" }
        add(attribute: "data-core-metadata", metadata, to: &text)
        add(attribute: "data-dist-info-metadata", metadata, to: &text)
        add(attribute: "data-provenance", file.provenance, to: &text)
        text.add(">")
        text.add(html: file.filename)
        text.add("</a><br>\n")
    }

    private static func add(attribute name: StaticString, _ value: String?, to text: inout PageText) {
        guard let value else { return }
        text.add(" ")
        text.add(name)
        text.add("=\"")
        text.add(html: value)
        text.add("\"")
    }
}
