import Basics
import FileSystem

/// The directories of sorted paths, each made once and open while its files are placed.
struct DirectoryWalk {
    private var open: [(end: Int, directory: Directory)] = []
    private var current: [UInt8] = []
    private let root: Directory

    init(root: Directory) { self.root = root }

    /// The directory of a path and the name in it. Paths of one directory stand together when sorted by bytes.
    mutating func enter(_ path: RepositoryPath) throws -> (Directory, ArraySlice<UInt8>) {
        let name = path.name
        let prefix = path.bytes[..<name.startIndex]
        if prefix.elementsEqual(current) { return (open.last?.directory ?? root, name) }
        var shared = 0
        while shared < min(prefix.count, current.count), prefix[shared] == current[shared] { shared += 1 }
        while let last = open.last, last.end > shared { open.removeLast() }
        var start = open.last?.end ?? 0
        while let slash = prefix[start...].firstIndex(of: UInt8(ascii: "/")) {
            let parent = open.last?.directory ?? root
            let segment = prefix[start..<slash]
            try parent.makeDirectory(segment)
            open.append((slash + 1, try parent.directory(segment)))
            start = slash + 1
        }
        current = Array(prefix)
        return (open.last?.directory ?? root, name)
    }
}
