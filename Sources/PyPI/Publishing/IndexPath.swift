import Basics

/// Where files of an index lie (PEP 503 for `simple`).
enum IndexPath {
    static let list = RepositoryPath(trusted: Array("simple".utf8))
    static let listHTML = RepositoryPath(trusted: Array("simple/index.html".utf8))
    static let listJSON = RepositoryPath(trusted: Array("simple/index.v1_json".utf8))

    static func page(_ project: ProjectName) -> RepositoryPath {
        RepositoryPath(trusted: Array("simple/\(project.text)".utf8))
    }

    static func html(_ project: ProjectName) -> RepositoryPath {
        RepositoryPath(trusted: Array("simple/\(project.text)/index.html".utf8))
    }

    static func json(_ project: ProjectName) -> RepositoryPath {
        RepositoryPath(trusted: Array("simple/\(project.text)/index.v1_json".utf8))
    }

    static func packages(_ project: ProjectName) -> RepositoryPath {
        RepositoryPath(trusted: Array("packages/\(project.text)".utf8))
    }

    static let metadataSuffix = ".metadata"
    static let provenanceSuffix = ".provenance"

    /// Where a file lies.
    /// - Throws: ``ChantalError`` `unsafe_path` or `malformed` for a name that no file may have, or that belongs to another file.
    static func file(_ filename: String, of project: ProjectName) throws -> RepositoryPath {
        let problem: String?
        if filename.isEmpty {
            problem = "it is empty"
        } else if filename.utf8.contains(0x2f) || filename.utf8.contains(0x5c) {
            problem = "it holds a slash"
        } else if filename.hasPrefix(".") {
            problem = "it begins with a dot"
        } else if filename.hasSuffix(metadataSuffix) || filename.hasSuffix(provenanceSuffix) {
            problem = "it is the name of what belongs to another file"
        } else {
            problem = nil
        }
        if let problem {
            let shown = RepositoryPath(trusted: Array(filename.utf8.prefix(300))).description
            throw ChantalError(.malformed, "the file name '\(shown)' is refused: \(problem)")
        }
        return try RepositoryPath("packages/\(project.text)/\(filename)")
    }

    /// The path of a file's twin; nil where the name would be too long for a file system.
    static func twin(_ path: RepositoryPath, _ suffix: String) -> RepositoryPath? {
        guard path.name.count + suffix.utf8.count <= 255 else { return nil }
        return RepositoryPath(trusted: path.bytes + Array(suffix.utf8))
    }
}
