import Basics
import FileSystem
import Glibc

extension LocalRecordStore {
    public func readablePublications() throws -> ReadablePublications {
        var all = ReadablePublications()
        try collect("", into: &all)
        all.records.sort { $0.name < $1.name }
        all.damaged.sort { $0.name < $1.name }
        return all
    }

    private func collect(_ prefix: String, into all: inout ReadablePublications) throws {
        guard let directory = try folder("publications/\(prefix)") else { return }
        for name in try directory.names() where StoreNames.isPublication(prefix + name) {
            if try directory.status(name)?.kind == .directory {
                try collect("\(prefix)\(name)/", into: &all)
                continue
            }
            do {
                if let record = try publication(prefix + name) { all.records.append(record) }
            } catch let error as ChantalError where error.code == .store {
                all.damaged.append(.init(name: prefix + name, error: error))
            }
        }
    }

    public func publication(_ name: String) throws -> PublicationRecord? {
        try StoreNames.checkPublication(name)
        let path = "publications/\(name)"
        guard let bytes = try read(path) else { return nil }
        let record = try PublicationRecord(recordText: bytes, path: path)
        if record.name != name {
            throw ChantalError(.store, "the record '\(path)' is that of publication '\(record.name)'", path: path)
        }
        return record
    }

    public func putPublication(_ publication: PublicationRecord) throws {
        try StoreNames.checkPublication(publication.name)
        let segments = publication.name.split(separator: "/")
        for count in 1..<max(segments.count, 1) {
            let above = segments[..<count].joined(separator: "/")
            if try root.status("publications/\(above)")?.kind == .file { throw clash(publication.name, above) }
        }
        // Directories that a deleted publication left are no names.
        try removeEmptyFolders("publications/\(publication.name)")
        if try root.status("publications/\(publication.name)")?.kind == .directory {
            throw clash(publication.name, "\(publication.name)/…")
        }
        let folder = (["publications"] + segments.dropLast().map(String.init)).joined(separator: "/")
        try write(publication, naming: publication.manifest, folder, String(segments.last!), collision: .replace)
    }

    private func clash(_ name: String, _ other: String) -> ChantalError {
        ChantalError(
            .exists,
            "the publication '\(name)' and the publication '\(other)' cannot both be: one is a directory of the other",
            hint: "take another name, or `chantal unpublish` the other")
    }

    private func removeEmptyFolders(_ path: String) throws {
        guard let directory = try folder(path) else { return }
        for entry in try directory.entries() where entry.kind == .directory {
            try removeEmptyFolders("\(path)/\(entry.name)")
        }
        try root.removeDirectory(path)
    }

    @discardableResult
    public func deletePublication(_ name: String) throws -> Bool {
        try StoreNames.checkPublication(name)
        var segments = (["publications"] + name.split(separator: "/").map(String.init))[...]
        let last = segments.removeLast()
        guard try remove(segments.joined(separator: "/"), last) else { return false }
        while segments.count > 1, try root.removeDirectory(segments.joined(separator: "/")) { segments.removeLast() }
        return true
    }
}
