internal import Basics
internal import HTTPClient
internal import Store
internal import Synchronization

/// One try to fetch a file from one place: brings a body to a blob writer.
///
/// The downloader's thread has it until it submits the transfer and again after the completion; in between it is the
/// client's. Nobody uses it at the same time.
final class Attempt: BodySink, @unchecked Sendable {
    let task: FetchTask
    let target: Target
    let writer: any BlobWriter
    private let received: Counter
    /// Whether an error came from this side: a disk that is full, not a server.
    private(set) var isLocalFailure = false

    init(_ task: FetchTask, _ target: Target, writer: any BlobWriter, received: Counter) {
        self.task = task
        self.target = target
        self.writer = writer
        self.received = received
    }

    /// What to continue, if an earlier attempt left something. The validator counts for the place that gave it alone.
    var resume: Transfer.Resume? {
        guard writer.size > 0 else { return nil }
        let words = writer.validator?.split(separator: " ", maxSplits: 1).map(String.init) ?? []
        let validator = words.count == 2 && words[0] == target.url ? words[1] : nil
        return Transfer.Resume(offset: writer.size, ifRange: validator)
    }

    func begin(_ response: Response, resumed: Bool) throws {
        if !resumed, writer.size > 0 { try local { try writer.restart() } }
        let declared = task.request.size
        if let declared, let length = response.contentLength, writer.size + length != declared {
            let whole = writer.size + length
            throw ChantalError(
                .mismatch, "\(response.finalURL) has \(whole) bytes where \(declared) are declared",
                url: response.finalURL)
        }
        guard !resumed, task.request.partialKey != nil, let validator = response.rangeValidator else { return }
        let size = declared ?? response.contentLength ?? .max
        if size > FetchRequest.smallestPartial {
            try local { try writer.remember(validator: "\(target.url) \(validator)") }
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        received.add(bytes.count)
        try local { try writer.write(bytes) }
    }

    private func local(_ body: () throws -> Void) throws {
        do { try body() } catch let error as ChantalError where error.code == .tooLarge || error.code == .mismatch {
            throw error
        } catch {
            isLocalFailure = true
            throw error
        }
    }
}

/// Bytes and requests, counted by several threads.
final class Counter: Sendable {
    private let value = Atomic<Int64>(0)

    func add(_ count: Int) { value.wrappingAdd(Int64(count), ordering: .relaxed) }

    var count: Int64 { value.load(ordering: .relaxed) }
}
