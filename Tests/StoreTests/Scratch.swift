import Basics
import FileSystem
import Foundation
import Store

/// A store of a test's own, gone with the object. In memory where the system has such a file system.
final class Scratch: @unchecked Sendable {
    let path: String

    init() throws {
        let memory = "/dev/shm"
        let base = access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
        path = "\(base)/store-\(UUID().uuidString)"
        try StoreDirectory.create(at: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func open() throws -> StoreDirectory { try StoreDirectory.open(at: path) }

    /// Every file below, relative.
    func files(_ folder: String) -> [String] {
        let base = "\(path)/\(folder)"
        let found = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        return found.filter {
            (try? FileManager.default.attributesOfItem(atPath: "\(base)/\($0)")[.type] as? FileAttributeType)
                != .typeDirectory
        }
    }
}
