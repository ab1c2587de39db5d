import Basics

/// An index of Python packages as a tree of files: `simple/`, with HTML and JSON pages, and `files/`, with real wheels and source
/// distributions.
///
/// ``LoopbackServer`` answers for a directory with `index.html`, which holds the page in the chosen form; nginx with docs/nginx.conf
/// negotiates between both forms.
public final class PyPIUpstream {
    /// What `index.html` holds.
    public enum Form: Sendable { case html, json }

    /// How a file is described.
    public struct File: Sendable {
        public var project: String
        public var filename: String
        public var sha256: String?
        public var size: Int64?
        public var requiresPython: String?
        /// SHA-256 of the `.metadata` twin that is offered.
        public var metadata: String?
        /// Empty without a reason.
        public var yanked: String?
        public var uploadTime: String?
        /// A URL, absolute or relative to the page.
        public var provenance: String?
        /// Other hashes than SHA-256, by hashlib's names.
        public var hashes: [String: String] = [:]

        public init(project: String, filename: String) {
            self.project = project
            self.filename = filename
        }
    }

    public struct Project: Sendable {
        public var displayName: String
        public var files: [File] = []
        public var status: String?
        public var statusReason: String?
        public var serial = 1
    }

    private let home: TemporaryDirectory
    /// By normalised name.
    public var projects: [String: Project] = [:]
    public var form: Form
    /// Whether lists tell serials.
    public var hasSerials: Bool
    /// Whether there is a list of projects at all.
    public var hasList = true
    /// What was last written of each project, to write only what has changed.
    private var written: [String: String] = [:]

    public init(form: Form = .json, serials: Bool = false) throws {
        home = try TemporaryDirectory("index")
        self.form = form
        hasSerials = serials
    }

    public var root: String { home.path }
    public func path(_ relative: String) -> String { home.path(relative) }

    public static func normalised(_ name: String) -> String {
        name.lowercased().split(whereSeparator: { "-_.".contains($0) }).joined(separator: "-")
    }

    /// Builds packages and offers their files; ``publish()`` writes the pages.
    @discardableResult
    public func add(_ packages: PythonPackage...) throws -> [File] { try add(packages) }

    @discardableResult
    public func add(_ packages: [PythonPackage]) throws -> [File] {
        let files = try PythonPackageBuilder.build(packages, root: root)
        for package in packages { addProject(package.name) }
        for file in files { edit(file.project) { $0.files.append(file) } }
        return files
    }

    /// Makes sure that a project is listed.
    public func addProject(_ name: String) {
        let normal = PyPIUpstream.normalised(name)
        if projects[normal] == nil { projects[normal] = Project(displayName: name) }
    }

    /// Changes what is told of a project, and its serial.
    public func edit(_ project: String, _ change: (inout Project) -> Void) {
        var value = projects[project] ?? Project(displayName: project)
        change(&value)
        value.serial += 1
        projects[project] = value
    }

    /// Changes what is told of one file.
    public func edit(_ project: String, _ filename: String, _ change: (inout File) -> Void) {
        edit(project) { project in
            for index in project.files.indices where project.files[index].filename == filename {
                change(&project.files[index])
            }
        }
    }

    /// Writes every page that has changed.
    public func publish() throws {
        let sorted = projects.sorted { $0.key < $1.key }
        for (name, project) in sorted {
            let json = PyPIPages.json(name, project)
            if written[name] == json { continue }
            let html = PyPIPages.html(name, project)
            try home.write(json, to: "simple/\(name)/index.v1_json")
            try home.write(form == .json ? json : html, to: "simple/\(name)/index.html")
            written[name] = json
        }
        for name in written.keys where projects[name] == nil {
            try Files.remove(path("simple/\(name)"))
            written[name] = nil
        }
        guard hasList else {
            try Files.remove(path("simple/index.html"))
            return
        }
        let json = PyPIPages.list(sorted.map { ($0.key, $0.value) }, serials: hasSerials)
        try home.write(json, to: "simple/index.v1_json")
        try home.write(form == .json ? json : PyPIPages.htmlList(sorted.map(\.key)), to: "simple/index.html")
    }
}

/// The pages of an upstream, written without chantal's own writers.
enum PyPIPages {
    private static func text(_ value: JSONValue) -> String { String(decoding: value.encoded(), as: UTF8.self) }

    static func json(_ name: String, _ project: PyPIUpstream.Project) -> String {
        var members: [JSONValue.Member] = [
            .init("meta", ["api-version": "1.4", "_last-serial": .integer(Int64(project.serial))]),
            .init("name", .string(name)), .init("files", .array(project.files.map(file))),
        ]
        if let status = project.status {
            var value: [JSONValue.Member] = [.init("status", .string(status))]
            if let reason = project.statusReason { value.append(.init("reason", .string(reason))) }
            members.append(.init("project-status", .object(value)))
        }
        return text(.object(members))
    }

    private static func file(_ file: PyPIUpstream.File) -> JSONValue {
        var hashes = file.hashes
        hashes["sha256"] = file.sha256
        var members: [JSONValue.Member] = [
            .init("filename", .string(file.filename)), .init("url", .string(url(file))),
            .init("hashes", .object(hashes.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
            .init("yanked", file.yanked.map { $0.isEmpty ? true : .string($0) } ?? false),
            .init("core-metadata", file.metadata.map { ["sha256": .string($0)] } ?? false),
        ]
        if let size = file.size { members.append(.init("size", .integer(size))) }
        for (key, value) in [
            ("requires-python", file.requiresPython), ("upload-time", file.uploadTime), ("provenance", file.provenance),
        ] {
            if let value { members.append(.init(key, .string(value))) }
        }
        return .object(members)
    }

    private static func url(_ file: PyPIUpstream.File) -> String {
        "../../files/\(file.project)/\(RepositoryPath(trusted: Array(file.filename.utf8)).urlEncoded)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    static func html(_ name: String, _ project: PyPIUpstream.Project) -> String {
        var meta = ""
        if let status = project.status { meta += "<meta name=\"pypi:project-status\" content=\"\(escaped(status))\">" }
        if let reason = project.statusReason {
            meta += "<meta name=\"pypi:project-status-reason\" content=\"\(escaped(reason))\">"
        }
        let links = project.files.map { file in
            var attributes = ""
            if let requires = file.requiresPython { attributes += " data-requires-python=\"\(escaped(requires))\"" }
            if let yanked = file.yanked { attributes += " data-yanked=\"\(escaped(yanked))\"" }
            if let metadata = file.metadata { attributes += " data-core-metadata=\"sha256=\(metadata)\"" }
            if let provenance = file.provenance { attributes += " data-provenance=\"\(escaped(provenance))\"" }
            let other = file.hashes.min { $0.key < $1.key }.map { ($0.key, $0.value) }
            let hash = file.sha256.map { ("sha256", $0) } ?? other
            let fragment = hash.map { "#\($0.0)=\($0.1)" } ?? ""
            return "<a href=\"\(url(file))\(fragment)\"\(attributes)>\(escaped(file.filename))</a><br/>\n"
        }
        return
            "<!DOCTYPE html><html><head>\(meta)<title>\(name)</title></head><body>\n\(links.joined())</body></html>\n"
    }

    static func list(_ projects: [(String, PyPIUpstream.Project)], serials: Bool) -> String {
        let entries = projects.map { _, project -> JSONValue in
            let name = JSONValue.string(project.displayName)
            return serials ? ["name": name, "_last-serial": .integer(Int64(project.serial))] : ["name": name]
        }
        return text(["meta": ["api-version": "1.4"], "projects": .array(entries)])
    }

    static func htmlList(_ names: [String]) -> String {
        let links = names.map { "<a href=\"\($0)/\">\($0)</a>\n" }.joined()
        return "<!DOCTYPE html><html><body>\n\(links)</body></html>\n"
    }
}
