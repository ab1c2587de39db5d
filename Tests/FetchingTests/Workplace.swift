import Basics
import Fetching
import Hashing
import Store
import Synchronization
import TestSupport

/// A store, an upstream with faults, and a client, for one test.
final class Workplace {
    let directory: TestSupport.TemporaryDirectory
    let server: LoopbackServer
    let client: TransferClient
    let store: StoreDirectory
    let session: any StagingSession
    let cancellation = Cancellation()

    init(connections: Int = 8) throws {
        directory = try TestSupport.TemporaryDirectory("fetch")
        try directory.makeDirectory("up")
        server = try LoopbackServer(root: directory.path("up"))
        client = try TransferClient(configuration: ClientConfiguration(connections: connections, perHost: connections))
        store = try StoreDirectory.create(at: directory.path("store"))
        session = try store.blobs.beginSession(name: "test")
    }

    func options(_ change: (inout TransferOptions) -> Void = { _ in }) -> TransferOptions {
        var options = TransferOptions(timeout: 5, proxy: .none)
        change(&options)
        return options
    }

    func upstream(_ bases: [String]? = nil, retries: Int = 3, _ options: TransferOptions? = nil) throws -> Upstream {
        try Upstream(
            bases: bases ?? [server.url], options: options ?? self.options(), retries: retries, retryDelay: 0.02)
    }

    func downloader(_ upstream: Upstream? = nil, session: (any StagingSession)? = nil) throws -> Downloader {
        Downloader(
            client: client, session: session ?? self.session, upstream: try upstream ?? self.upstream(),
            cancellation: cancellation)
    }

    /// Puts a file upstream and gives the request for it.
    func publish(_ path: String, _ bytes: [UInt8]) throws -> FetchRequest {
        try directory.write(bytes, to: "up/\(path)")
        return try FetchRequest(
            RepositoryPath(path), size: Int64(bytes.count), checksums: [Checksum(sha256(of: bytes))])
    }

    func read(_ digest: Digest) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try session.open(digest).forEachChunk { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Names of what lies in the store's folder of unfinished files.
    func partials() throws -> [String] {
        let folder = directory.path("store/tmp/partial")
        return Files.exists(folder) ? try Files.names(folder) : []
    }
}

extension Downloader {
    /// Fetches one file that is expected to arrive.
    func file(_ request: FetchRequest) throws -> Fetched {
        guard case .fetched(let file) = try fetchOne(request) else { throw ChantalError(.bug, "not modified") }
        return file
    }

    /// Fetches one file that is expected not to arrive.
    func error(_ request: FetchRequest) throws -> ChantalError {
        do {
            _ = try fetchOne(request)
        } catch let error as ChantalError {
            return error
        }
        throw ChantalError(.bug, "\(request.name) arrived")
    }
}

/// Bytes that differ everywhere, and by seed.
func sample(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state: UInt64 = seed &* 0x9e37_79b9_7f4a_7c15
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        withUnsafeBytes(of: state ^ state >> 29) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}
