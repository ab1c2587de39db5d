import Basics

/// Decodes DEFLATE (RFC 1951), one stream after the other, and sums up what comes out.
protocol Inflater: AnyObject {
    /// The stream has ended, and everything of it is given.
    var isComplete: Bool { get }
    /// Bytes that the stream has given.
    var count: UInt64 { get }
    /// The CRC-32 of the bytes that the stream has given (RFC 1952, 8).
    var checksum: UInt32 { get }
    /// Bytes behind the end of the stream that were taken with it, at most eight; valid once it is complete.
    var surplus: [UInt8] { get }

    /// The next stream begins.
    func reset()

    /// Takes as much input and gives as much output as it can.
    /// - Parameter output: not empty.
    func run(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(InflateFailure) -> Step
}

enum InflateFailure: Error {
    /// What is wrong with the data.
    case damaged(String)
    case memory
}
