import Basics
import Compression
import Mirroring

/// The lists of which package installs which file (`Contents-amd64`), of one component.
struct PublishedContents {
    private let state: StateReader
    private let paths: [RepositoryPath]

    /// More than any package installs.
    private static let mostFiles = 1_000_000

    /// - Parameter index: the Packages file of the component: `dists/stable/main/binary-amd64/Packages`.
    init(_ state: StateReader, index: RepositoryPath) {
        self.state = state
        guard let directory = index.directory,
            let architecture = String(decoding: directory.name, as: UTF8.self).after("binary-")
        else {
            paths = []
            return
        }
        // Beside the component's directories, or, in older archives, beside the components.
        let places = [directory.directory, directory.directory?.directory].compactMap { $0 }
        paths = places.flatMap { place in
            [architecture, "all"].map { RepositoryPath(trusted: Array("Contents-\($0)".utf8)).under(place) }
        }
    }

    /// The paths that a package installs, absolute and sorted; empty if no list names it.
    func files(of package: PackageRow) throws -> [String] {
        var result: Set<String> = []
        for path in paths {
            guard let (entry, format) = PublishedSuites.cheapestForm(of: path, in: state) else { continue }
            let decompressor = try Decompressor(format, limit: nil, maxRatio: IndexReader.maxRatio)
            let lines = LineBuffer()
            let name = Array(package.name.utf8)
            func look(_ line: UnsafeRawBufferPointer) throws {
                guard let file = PublishedContents.file(line, of: name) else { return }
                if result.count >= PublishedContents.mostFiles {
                    throw ChantalError(
                        .tooLarge, "'\(path)' names too many files of '\(package.name)'", path: "\(path)")
                }
                result.insert(file)
            }
            do {
                try state.open(entry.digest).forEachChunk { try decompressor.write($0) { try lines.add($0, look) } }
                try decompressor.finish { try lines.add($0, look) }
                try lines.finish(look)
            } catch let error as ChantalError where error.path == nil {
                throw error.within("'\(path)' cannot be read").at("\(path)")
            }
        }
        return result.sorted()
    }

    /// The file of a line `usr/bin/tool   section/package,other` if the package is among them.
    private static func file(_ line: UnsafeRawBufferPointer, of name: [UInt8]) -> String? {
        var start = line.count
        while start > 0, !line[start - 1].isASCIISpace { start -= 1 }
        let isNamed = line.slice(start..<line.count).split(separator: UInt8(ascii: ",")).contains { owner in
            owner.suffix(name.count).elementsEqual(name)
                && (owner.count == name.count || owner[owner.endIndex - name.count - 1] == UInt8(ascii: "/"))
        }
        guard isNamed else { return nil }
        let file = line.slice(0..<start).trimmed
        return file.isEmpty ? nil : "/" + file.printable
    }
}

/// Gives whole lines of a text that comes in pieces.
private final class LineBuffer {
    private var rest: [UInt8] = []

    /// A line that is longer is no list of files.
    private static let longest = 1 << 20

    func add(_ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var start = 0
        while let end = piece.firstIndex(of: 0x0a, from: start) {
            if rest.isEmpty {
                try body(piece.slice(start..<end))
            } else {
                rest.append(contentsOf: piece.slice(start..<end))
                try finish(body)
            }
            start = end + 1
        }
        rest.append(contentsOf: piece.slice(start..<piece.count))
        if rest.count > LineBuffer.longest { throw ChantalError(.malformed, "a line is longer than a mebibyte") }
    }

    func finish(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if !rest.isEmpty { try rest.withUnsafeBytes(body) }
        rest.removeAll(keepingCapacity: true)
    }
}
