import Basics
import Glibc
import Synchronization

/// Whole files by path, and files that appear complete or not at all.
public enum File {
    /// The whole content of a file.
    /// - Throws: ``ChantalError`` `too_large` above `limit` bytes.
    public static func readAll(_ path: String, limit: Int) throws -> [UInt8] {
        try FileDescriptor.open(path: path).readToEnd(limit: limit)
    }

    private static let counter = Atomic<UInt64>(0)

    /// A name that no other process or thread uses: `<label>.<process>.<number>.<time>`.
    public static func uniqueName(_ label: String) -> String {
        let number = counter.add(1, ordering: .relaxed).newValue
        return "\(label).\(getpid()).\(number).\(String(Clock.nanoseconds(), radix: 36))"
    }

    /// What to do if the name is taken.
    public enum Collision: Sendable { case replace, fail }

    /// Writes a file under a temporary name, then gives it its name by one rename(2).
    /// - Parameters:
    ///   - directory: where the file appears.
    ///   - mode: permissions whatever the umask.
    ///   - durable: whether to wait until the bytes (before the rename) and the name (after it) are on the disk.
    ///   - temporary: where the temporary name lies, on the same filesystem; by default beside the file.
    ///   - collision: `fail` throws ``ChantalError`` `exists` and leaves what is there.
    public static func writeAtomically(
        _ directory: Directory, _ name: some FileName, _ bytes: UnsafeRawBufferPointer, mode: UInt32 = 0o644,
        durable: Bool = true, temporary: Directory? = nil, collision: Collision = .replace
    ) throws {
        try writeAtomically(
            directory, name, mode: mode, durable: durable, temporary: temporary, collision: collision
        ) { try $0(bytes) }
    }

    /// The same with bytes that come in pieces: `produce` gets a function to write with.
    public static func writeAtomically(
        _ directory: Directory, _ name: some FileName, mode: UInt32 = 0o644, durable: Bool = true,
        temporary: Directory? = nil, collision: Collision = .replace,
        produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let place = temporary ?? directory
        var draft = uniqueName(".write")
        var file = try place.create(draft)
        // The lock tells whoever cleans up that the writer lives; until it is there, the file may be taken for a leftover.
        do {
            while try !place.locks(file, draft) {
                let next = uniqueName(".write")
                file = try place.create(next)
                draft = next
            }
            try produce { try file.write($0) }
            try file.setMode(mode)
            if durable { try file.synchronize() }
            switch collision {
            case .replace: try place.rename(draft, to: directory, as: name)
            case .fail:
                guard try place.renameNoReplace(draft, to: directory, as: name) else {
                    throw ChantalError.system(EEXIST, "create", path: directory.place(name))
                }
            }
        } catch {
            do { try place.unlink(draft) } catch let second {
                throw ChantalError.wrap(error, .io).within("a temporary file stays behind (\(second))")
            }
            throw error
        }
        try file.close()
        if durable { try directory.synchronize() }
    }

    /// The same for bytes in an array.
    public static func writeAtomically(
        _ directory: Directory, _ name: some FileName, _ bytes: [UInt8], mode: UInt32 = 0o644, durable: Bool = true,
        temporary: Directory? = nil, collision: Collision = .replace
    ) throws {
        try bytes.withUnsafeBytes {
            try writeAtomically(
                directory, name, $0, mode: mode, durable: durable, temporary: temporary, collision: collision)
        }
    }
}

extension Directory {
    /// Locks a file that was just made.
    /// - Returns: false if it has lost its name meanwhile, or is about to.
    fileprivate func locks(_ file: borrowing FileDescriptor, _ name: String) throws -> Bool {
        guard try file.tryLock(), let there = try status(name) else { return false }
        return try file.status().isSameFile(as: there)
    }
}
