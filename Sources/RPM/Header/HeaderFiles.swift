import Basics

/// A file in a package's list.
struct HeaderFile {
    enum Kind: String {
        case file
        case directory = "dir"
        case ghost
    }

    /// Directory and name, bytes as in the header.
    var path: [UInt8]
    var kind: Kind

    /// `RPMFILE_GHOST`: listed, not packed.
    private static let ghost: UInt64 = 1 << 6
    /// Above what any package has: the largest of Fedora's have about 100,000.
    private static let limit = 2_000_000

    /// Whether the primary metadata lists a file: what dependencies name most (createrepo's rule, which yum and dnf rely on).
    static func isPrimary(_ path: [UInt8]) -> Bool {
        if path.starts(with: "/etc/".utf8) { return true }
        var start = 0
        while let index = path[start...].firstIndex(of: UInt8(ascii: "b")) {
            if path[index...].starts(with: "bin/".utf8) { return true }
            start = index + 1
        }
        return path.elementsEqual("/usr/lib/sendmail".utf8)
    }

    /// The files of a header, in its order.
    /// - Throws: `malformed` for lists that do not fit each other, or that expand beyond reason.
    static func all(of header: HeaderBlob, name: String) throws -> [HeaderFile] {
        func refuse(_ reason: String) -> ChantalError {
            ChantalError(.malformed, "the package \(name) has \(reason)", hint: "the file is damaged", path: name)
        }
        let flags = header.numbers(.fileFlags)
        let modes = header.numbers(.fileModes)
        func file(_ path: [UInt8], _ index: Int) -> HeaderFile {
            let kind: Kind =
                modes[index] & 0o170000 == 0o040000 ? .directory : flags[index] & ghost != 0 ? .ghost : .file
            return HeaderFile(path: path, kind: kind)
        }
        let names = header.texts(.baseNames)
        if names.isEmpty {
            // Before rpm 4.0 full names were listed.
            let names = header.texts(.oldFileNames)
            return (0..<min(names.count, flags.count, modes.count)).map { file(Array(header.bytes[names[$0]]), $0) }
        }
        let directories = header.texts(.dirNames)
        let places = header.numbers(.dirIndexes)
        var size = 0
        return try (0..<min(names.count, places.count, flags.count, modes.count)).map { index in
            guard let place = Int(exactly: places[index]), place < directories.count else {
                throw refuse("a file in a directory that it does not list")
            }
            // A long directory named once and used often is a bomb.
            size += directories[place].count + names[index].count
            if index > limit || size > 256 << 20 { throw refuse("too long a list of files") }
            return file(Array(header.bytes[directories[place]]) + header.bytes[names[index]], index)
        }
    }
}
