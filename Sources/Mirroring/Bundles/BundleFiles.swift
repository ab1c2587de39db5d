import Basics
import FileSystem

/// Volumes as files: `NAME`, or for several `NAME.1.tar`, `NAME.2.tar`, … for `NAME.tar`. Each appears when it is complete.
public struct BundleFiles: BundleDestination {
    private let path: String

    public init(_ path: String) { self.path = path }

    /// The path of one of several volumes.
    static func path(_ path: String, volume number: Int) -> String {
        let slash = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        guard let dot = path[slash...].lastIndex(of: "."), dot > slash else { return "\(path).\(number)" }
        return "\(path[..<dot]).\(number)\(path[dot...])"
    }

    public mutating func volume(
        _ number: Int, of count: Int, _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> String {
        let target = count == 1 ? path : BundleFiles.path(path, volume: number)
        let slash = target.lastIndex(of: "/")
        let folder = slash.map { String(target[..<$0]) } ?? "."
        let directory = try Directory(path: folder.isEmpty ? "/" : folder)
        let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
        guard !name.isEmpty else { throw ChantalError(.usage, "'\(path)' names no file", path: path) }
        try File.writeAtomically(directory, name, durable: true, produce: produce)
        return target
    }
}

/// A bundle of one volume through standard output.
public struct BundleStream: BundleDestination {
    public init() {}

    public mutating func volume(
        _ number: Int, of count: Int, _ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws -> String {
        guard count == 1 else {
            throw ChantalError(
                .usage, "the bundle has \(count) volumes, and standard output takes one", hint: "name a file with -o")
        }
        let output = try FileDescriptor.standard(1)
        try produce { try output.write($0) }
        return "-"
    }
}
