import Basics
import Glibc

extension File {
    /// The path of a file without symbolic links. realpath(3).
    /// - Throws: ``ChantalError`` naming the path, `not_found` if nothing is there.
    public static func realPath(_ path: String) throws -> String {
        guard let real = realpath(path, nil) else {
            let number = errno
            var error = ChantalError.system(number, "find", path: path)
            if number == ELOOP { error.hint = "its symbolic links lead in a circle" }
            throw error
        }
        defer { free(real) }
        return String(cString: real)
    }
}
