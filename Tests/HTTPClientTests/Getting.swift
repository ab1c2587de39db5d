import Basics
import Foundation
import HTTPClient
import Synchronization
import TestSupport

/// Keeps a body in memory.
final class MemorySink: BodySink {
    struct Seen {
        var body: [UInt8] = []
        var begins: [(status: Int, resumed: Bool, length: Int64?)] = []
        var chunks = 0
    }

    private let seen = Mutex(Seen())
    private let refusal: ChantalError?

    /// - Parameter refusal: thrown at the first chunk.
    init(refusal: ChantalError? = nil) { self.refusal = refusal }

    func begin(_ response: Response, resumed: Bool) throws {
        seen.withLock {
            $0.begins.append((response.status, resumed, response.contentLength))
            if !resumed { $0.body = [] }
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        if let refusal { throw refusal }
        seen.withLock {
            $0.body.append(contentsOf: bytes)
            $0.chunks += 1
        }
    }

    var body: [UInt8] { seen.withLock { $0.body } }
    var text: String { String(decoding: body, as: UTF8.self) }
    var begins: [(status: Int, resumed: Bool, length: Int64?)] { seen.withLock { $0.begins } }
}

/// A transfer under way, to be waited for.
final class Pending: Sendable {
    private let result = Mutex<Result<Response, TransferFailure>?>(nil)
    private let done = DispatchSemaphore(value: 0)
    private let calls = Atomic<Int>(0)

    func complete(_ value: Result<Response, TransferFailure>) {
        calls.add(1, ordering: .relaxed)
        result.withLock { $0 = value }
        done.signal()
    }

    /// Waits for the end.
    func wait(seconds: Double = 20) throws -> Result<Response, TransferFailure> {
        guard done.wait(timeout: .now() + seconds) == .success else { throw ChantalError(.bug, "no completion") }
        guard let value = result.withLock({ $0 }), calls.load(ordering: .relaxed) == 1 else {
            throw ChantalError(.bug, "completed \(calls.load(ordering: .relaxed)) times")
        }
        return value
    }

    func response() throws -> Response { try wait().get() }

    func failure() throws -> TransferFailure {
        switch try wait() {
        case .success(let response): throw ChantalError(.bug, "it went well with \(response.status)")
        case .failure(let failure): return failure
        }
    }
}

extension TransferClient {
    /// Starts a transfer; the proxy of the machine is never used.
    func start(
        _ url: String, _ options: TransferOptions = TransferOptions(timeout: 10, proxy: .none), into sink: any BodySink,
        _ change: (inout Transfer) -> Void = { _ in }
    ) -> Pending {
        let pending = Pending()
        var transfer = Transfer(url: url, options: options, sink: sink) { pending.complete($0) }
        change(&transfer)
        submit(transfer)
        return pending
    }

    func get(
        _ url: String, _ options: TransferOptions = TransferOptions(timeout: 10, proxy: .none),
        _ change: (inout Transfer) -> Void = { _ in }
    ) throws -> (response: Response, body: [UInt8]) {
        let sink = MemorySink()
        let response = try start(url, options, into: sink, change).response()
        return (response, sink.body)
    }

    func failure(
        _ url: String, _ options: TransferOptions = TransferOptions(timeout: 10, proxy: .none),
        _ change: (inout Transfer) -> Void = { _ in }
    ) throws -> TransferFailure {
        try start(url, options, into: MemorySink(), change).failure()
    }
}

/// Bytes that differ everywhere.
func sample(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        withUnsafeBytes(of: state ^ state >> 29) { bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}
