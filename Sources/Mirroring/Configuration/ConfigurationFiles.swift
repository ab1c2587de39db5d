import Basics
import FileSystem
import Glibc

/// The files that a configuration is read from and refers to.
enum ConfigurationFiles {
    /// A whole file.
    static func read(_ path: String, limit: Int) throws -> [UInt8] { try File.readAll(path, limit: limit) }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// The path without symbolic links, to tell whether two names are one file.
    static func canonical(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// A path from the root, by the working directory; not normalised, as `..` behind a link has its own meaning.
    static func absolute(_ path: String) throws -> String {
        if path.hasPrefix("/") { return path }
        guard let working = getcwd(nil, 0) else {
            throw ChantalError.system(errno, "find the working directory for", path: path)
        }
        defer { free(working) }
        let directory = String(cString: working)
        return directory == "/" ? "/\(path)" : "\(directory)/\(path)"
    }

    static func directory(of absolutePath: String) -> String {
        guard let slash = absolutePath.lastIndex(of: "/"), slash != absolutePath.startIndex else { return "/" }
        return String(absolutePath[..<slash])
    }

    /// The files that match a pattern (glob(3)), by the bytes of their names; none in a directory that is not there.
    static func matching(_ pattern: String) throws -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        switch glob(pattern, GLOB_NOSORT, { _, number in number == ENOENT || number == ENOTDIR ? 0 : 1 }, &found) {
        case 0: break
        case GLOB_NOMATCH: return []
        default: throw ChantalError.system(errno, "list the files that match", path: pattern)
        }
        let names = (0..<Int(found.gl_pathc)).compactMap { index in
            found.gl_pathv[index].map { String(cString: $0) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
