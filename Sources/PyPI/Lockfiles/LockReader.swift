import Basics
import TOML

/// Makes sense of the tables of a lock file.
struct LockReader {
    let file: String
    private var lock = LockFile()

    init(file: String) { self.file = file }

    private func place(_ node: TOMLNode) -> String { "\(file):\(node.line)" }

    private func string(_ table: TOMLNode, _ key: String) throws -> String? {
        guard let node = table[key] else { return nil }
        guard let text = node.string else { throw node.error("'\(key)' is \(node.kind), not a string", file: file) }
        return text
    }

    private func tables(_ table: TOMLNode, _ key: String) throws -> [TOMLNode] {
        guard let node = table[key] else { return [] }
        guard let items = node.items, items.allSatisfy({ $0.entries != nil }) else {
            throw node.error("'\(key)' is not an array of tables", file: file)
        }
        return items
    }

    private func name(_ package: TOMLNode) throws -> ProjectName {
        guard let text = try string(package, "name") else { throw package.error("the package has no name", file: file) }
        guard let name = ProjectName(text) else {
            throw (package["name"] ?? package).error("'\(text)' is no name of a project", file: file)
        }
        return name
    }

    private func version(_ package: TOMLNode) throws -> Version? {
        guard let text = try string(package, "version") else { return nil }
        guard let version = Version(text) else {
            throw (package["version"] ?? package).error("'\(text)' is no version", file: file)
        }
        return version
    }

    private mutating func leaveOut(_ package: TOMLNode, _ name: ProjectName, _ reason: String) {
        lock.unusable.append(LockFile.Unusable(place: place(package), reason: "'\(name)' \(reason)"))
    }
}

// pylock.toml (PEP 751).
extension LockReader {
    mutating func pylock(_ root: TOMLNode) throws -> LockFile {
        guard let format = try string(root, "lock-version"), format == "1" || format.hasPrefix("1.") else {
            throw (root["lock-version"] ?? root).error("only lock-version 1 is known", file: file)
        }
        lock.requiresPython = try string(root, "requires-python")
        func names(_ key: String) -> [String] { root[key]?.items?.compactMap(\.string) ?? [] }
        lock.extras = Set(names("extras"))
        lock.dependencyGroups = Set(names("dependency-groups") + names("default-groups"))
        for package in try tables(root, "packages") {
            let name = try name(package)
            let marker = try marker(package)
            if package["vcs"] != nil { leaveOut(package, name, "is taken from a repository of source code") }
            if package["directory"] != nil { leaveOut(package, name, "is taken from a directory") }
            if package["archive"] != nil { leaveOut(package, name, "is taken from an archive, not from an index") }
            let files = try tables(package, "wheels") + (package["sdist"].map { [$0] } ?? [])
            for node in files {
                try add(
                    node, name, try version(package), marker, index: try string(package, "index"),
                    filename: try string(node, "name"), hashes: try hashTable(node))
            }
        }
        return lock
    }

    private func marker(_ package: TOMLNode) throws -> Marker? {
        guard let text = try string(package, "marker") else { return nil }
        do { return try Marker(text) } catch let error as ChantalError {
            throw (package["marker"] ?? package).error(error.message, file: file)
        }
    }

    private func hashTable(_ node: TOMLNode) throws -> [(String, String)] {
        guard let table = node["hashes"] else { return [] }
        guard let entries = table.entries else { throw table.error("'hashes' is not a table", file: file) }
        return entries.compactMap { entry in entry.value.string.map { (entry.key, $0) } }
    }
}

// uv.lock
extension LockReader {
    mutating func uvLock(_ root: TOMLNode) throws -> LockFile {
        guard root["version"]?.integer == 1 else {
            throw (root["version"] ?? root).error("only version 1 of uv.lock is known", file: file)
        }
        lock.requiresPython = try string(root, "requires-python")
        for package in try tables(root, "package") {
            let name = try name(package)
            guard let source = package["source"] else { throw package.error("the package has no source", file: file) }
            guard let index = try string(source, "registry") else {
                let kind = source.entries?.first?.key ?? "unknown"
                // The project itself, and members of its workspace.
                if !["virtual", "editable"].contains(kind) {
                    leaveOut(package, name, "is taken from a source '\(kind)'")
                }
                continue
            }
            let files = try tables(package, "wheels") + (package["sdist"].map { [$0] } ?? [])
            for node in files {
                let hash = try string(node, "hash")?.split(separator: ":", maxSplits: 1).map(String.init)
                try add(
                    node, name, try version(package), nil, index: index, filename: try string(node, "filename"),
                    hashes: hash.map { $0.count == 2 ? [($0[0], $0[1])] : [] } ?? [])
            }
        }
        return lock
    }
}

extension LockReader {
    private mutating func add(
        _ node: TOMLNode, _ name: ProjectName, _ version: Version?, _ marker: Marker?, index: String?,
        filename: String?, hashes: [(String, String)]
    ) throws {
        guard lock.files.count < LockFile.fileLimit else {
            throw ChantalError(.tooLarge, "\(file): the lock file names too many files", path: file)
        }
        guard let location = try string(node, "url") ?? string(node, "path") else {
            throw node.error("neither 'url' nor 'path' says where the file is", file: file)
        }
        let filename = filename ?? LockReader.lastSegment(location)
        guard let parsed = DistributionFilename(filename, of: name), version == nil || parsed.version == version else {
            throw node.error("'\(filename)' is no file of '\(name)' in this version", file: file)
        }
        var checksums: [Checksum] = []
        for (algorithm, hex) in hashes {
            guard let known = ChecksumAlgorithm(rawValue: algorithm.lowercased()) else { continue }
            guard let checksum = Checksum(known, hex: Array(hex.utf8)) else {
                throw node.error("the \(algorithm) of '\(filename)' is none", file: file)
            }
            checksums.append(checksum)
        }
        if let size = node["size"]?.integer, size < 0 { throw node.error("the size is negative", file: file) }
        let time = node["upload-time"].flatMap { $0.dateTime ?? $0.string }
        lock.files.append(
            LockedFile(
                project: name, version: version ?? parsed.version, filename: filename, location: location,
                checksums: checksums, size: node["size"]?.integer, uploadTime: time.flatMap { Timestamp(rfc3339: $0) },
                wheel: parsed.wheel, marker: marker, index: index, place: place(node)))
    }

    /// The name at the end of a URL or path, without query and fragment, percent-decoded.
    private static func lastSegment(_ location: String) -> String {
        let path = location.prefix { $0 != "?" && $0 != "#" }
        let segment = Array(
            path.utf8.suffix(from: path.utf8.lastIndex(of: 0x2f).map(path.utf8.index(after:)) ?? path.startIndex))
        var bytes: [UInt8] = []
        var index = 0
        while index < segment.count {
            if segment[index] == UInt8(ascii: "%"), index + 2 < segment.count, let high = Hex.value(segment[index + 1]),
                let low = Hex.value(segment[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(segment[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
