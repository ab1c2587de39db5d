import Basics

/// A project in the list of an index.
struct ListedProject: Sendable, Equatable {
    let name: ProjectName
    /// As upstream writes it.
    var displayName: String
    /// Upstream's, so that a mirror of this mirror sees what has changed; nil where it is not known, or not of what is served.
    var serial: Int64?
}

/// Writes the list of an index's projects: JSON (PEP 691) and HTML (PEP 503).
enum ProjectListWriter {
    /// - Parameter projects: sorted by name.
    static func json(_ projects: [ListedProject]) -> [UInt8] {
        var text = PageText()
        text.add("{\"meta\":{")
        if let serial = projects.lazy.compactMap(\.serial).max() { add(serial, to: &text) }
        text.add("\"api-version\":\"")
        text.add(ProjectPageWriter.version)
        text.add("\"},\"projects\":[")
        for (index, project) in projects.enumerated() {
            text.add(index > 0 ? ",\n{" : "\n{")
            if let serial = project.serial { add(serial, to: &text) }
            text.add("\"name\":")
            text.add(json: project.displayName)
            text.add("}")
        }
        text.add("]}\n")
        return text.bytes
    }

    private static func add(_ serial: Int64, to text: inout PageText) {
        text.add("\"_last-serial\":")
        text.add(plain: String(serial))
        text.add(",")
    }

    static func html(_ projects: [ListedProject]) -> [UInt8] {
        var text = PageText()
        text.add("<!DOCTYPE html>\n<html>\n<head>\n<meta name=\"pypi:repository-version\" content=\"")
        text.add(ProjectPageWriter.version)
        text.add("\">\n<title>Simple index</title>\n</head>\n<body>\n")
        for project in projects {
            text.add("<a href=\"")
            text.add(plain: project.name.text)
            text.add("/\">")
            text.add(html: project.displayName)
            text.add("</a><br>\n")
        }
        text.add("</body>\n</html>\n")
        return text.bytes
    }
}
