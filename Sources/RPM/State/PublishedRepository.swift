import Basics
import Mirroring
import XML

/// The metadata of a published state, found by its repomd.xml.
struct PublishedRepository {
    let state: StateReader
    let repomd: Repomd

    /// Nil if the state has no repomd.xml.
    init?(_ state: StateReader) throws {
        guard let root = state.manifest[Repomd.path] else { return nil }
        self.state = state
        var bytes: [UInt8] = []
        try state.open(root.digest).forEachChunk { bytes.append(contentsOf: $0) }
        repomd = try RepomdReader.read(bytes, file: Repomd.path.description)
    }

    /// Reads a record's file; false if the state does not have it.
    func read(_ type: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
        guard let record = repomd[type], let entry = state.manifest[record.location.path] else { return false }
        try RecordReader.read(record, of: state.open(entry.digest), body)
        return true
    }

    /// - Parameter wantsFormats: whether the reader looks into what packages provide, require and hold.
    func readPrimary(_ reader: PrimaryReader, wantsFormats: Bool) throws {
        let file = repomd["primary"]?.location.path.description ?? "primary"
        if !wantsFormats {
            let feed = try PrimaryFeed(file: file, handler: reader)
            if try read("primary", { try feed.write($0) }) { try feed.finish() }
            return
        }
        let parser = try XMLParser(file: file, root: "metadata", handler: reader)
        if try read("primary", { try parser.write($0) }) { try parser.finish() }
    }
}

extension RPMEcosystem {
    public static func packages(
        in state: StateReader, since previous: () throws -> StateReader?, into rows: any PackageSink
    ) throws {
        guard let repository = try PublishedRepository(state) else { return }
        var told: Set<RepositoryPath> = []
        let reader = PrimaryReader(wantsRows: true) { package in
            let path = try package.location().path
            // One package may be listed twice at one path.
            guard told.insert(path).inserted else { return }
            try package.withFields(path: path, try package.checksum(), digest: state.manifest[path]?.digest, rows.add)
        }
        try repository.readPrimary(reader, wantsFormats: true)
    }
}
