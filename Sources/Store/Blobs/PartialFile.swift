import Basics
import FileSystem

/// Where an unfinished download lies: `tmp/partial/<key>`, its validator beside it.
struct PartialPlace: Sendable {
    static let folder = "partial"
    static let validatorSuffix = ".validator"

    let directory: Directory
    let name: String

    /// The size of every unfinished download, by its key.
    static func sizes(in temporary: Directory) throws -> [String: Int64] {
        guard try temporary.status(folder)?.kind == .directory else { return [:] }
        let directory = try temporary.directory(folder)
        var sizes: [String: Int64] = [:]
        for name in try directory.names() where StoreNames.isPartialKey(name) {
            sizes[name] = try directory.status(name)?.size
        }
        return sizes
    }

    /// Whether there is an unfinished download of this key.
    static func exists(_ key: String, in temporary: Directory) throws -> Bool {
        guard StoreNames.isPartialKey(key) else { throw ChantalError(.bug, "'\(key)' is no key for a partial file") }
        return try temporary.status("\(folder)/\(key)") != nil
    }

    func validator() throws -> String? {
        guard let file = try directory.openIfPresent(name + PartialPlace.validatorSuffix) else { return nil }
        return String(decoding: try file.readToEnd(limit: 4096), as: UTF8.self)
    }

    func remember(_ validator: String) throws {
        try File.writeAtomically(
            directory, name + PartialPlace.validatorSuffix, Array(validator.utf8.prefix(4096)), durable: false)
    }

    func forgetValidator() throws { try directory.unlink(name + PartialPlace.validatorSuffix) }

    /// Removes the file and its validator; the caller has it locked.
    func remove() throws {
        try forgetValidator()
        try directory.unlink(name)
    }
}

/// An unfinished download that nobody else has: open, and locked as long as it is.
struct PartialFile: ~Copyable {
    let place: PartialPlace
    private let file: FileDescriptor

    private init(_ place: PartialPlace, _ file: consuming FileDescriptor) {
        self.place = place
        self.file = file
    }

    consuming func takeFile() -> FileDescriptor { file }

    /// Opens or makes the file of a key; nil if somebody else is writing it.
    static func open(_ key: String, in temporary: Directory) throws -> PartialFile? {
        guard StoreNames.isPartialKey(key) else { throw ChantalError(.bug, "'\(key)' is no key for a partial file") }
        let place = PartialPlace(directory: try temporary.makeDirectories(PartialPlace.folder), name: key)
        while true {
            let file = try place.directory.openOrCreate(key)
            guard try file.tryLock() else { return nil }
            // Its last writer may have finished, and moved it away, between the opening and the lock.
            guard let there = try place.directory.status(key), try file.status().isSameFile(as: there) else { continue }
            return PartialFile(place, file)
        }
    }
}
