import Basics

/// A project in the list of an index.
struct ListedProject: Sendable, Equatable {
    let name: ProjectName
    /// As upstream writes it.
    var displayName: String
    /// Upstream's, of a change up to which all that is wanted is here; nil where that is not known.
    var serial: Int64?
    /// Upstream's, of the newest page that was taken. What an older one says is not believed.
    var seen: Int64?

    /// Without what upstream told of it.
    init(name: ProjectName, displayName: String) {
        self.name = name
        self.displayName = displayName
    }
}

/// Writes the list of an index's projects: JSON (PEP 691) and HTML (PEP 503).
enum ProjectListWriter {
    /// - Parameters:
    ///   - projects: sorted by name.
    ///   - tellsSerials: whether what is served of a project changes only with its serial, so that a mirror of this mirror may go by that.
    static func json(_ projects: [ListedProject], tellsSerials: Bool) -> [UInt8] {
        var text = PageText()
        text.add("{\"meta\":{\"api-version\":\"")
        text.add(ProjectPageWriter.version)
        text.add("\"},\"projects\":[")
        for (index, project) in projects.enumerated() {
            text.add(index > 0 ? ",\n{" : "\n{")
            if let serial = project.serial { add(tellsSerials ? "_last-serial" : "_page-serial", serial, to: &text) }
            // Keys that begin with an underscore are an index's own affair (PEP 691).
            if let seen = project.seen, seen != project.serial { add("_seen-serial", seen, to: &text) }
            text.add("\"name\":")
            text.add(json: project.displayName)
            text.add("}")
        }
        text.add("]}\n")
        return text.bytes
    }

    private static func add(_ key: StaticString, _ serial: Int64, to text: inout PageText) {
        text.add("\"")
        text.add(key)
        text.add("\":")
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
