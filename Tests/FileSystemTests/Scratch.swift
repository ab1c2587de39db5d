import FileSystem
import Foundation

/// A directory of a test's own, gone with the object.
final class Scratch {
    let path: String
    let directory: Directory

    init() throws {
        path = NSTemporaryDirectory() + "filesystem-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        directory = try Directory(path: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try directory.readAll(name, limit: 1 << 20), as: UTF8.self)
    }
}
