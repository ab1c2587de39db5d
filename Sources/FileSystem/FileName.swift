import Basics
import Glibc

/// A name or a relative path as the system takes it: bytes without NUL.
public protocol FileName {
    /// Lends the bytes, without a NUL at the end.
    func withNameBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}

extension String: FileName {
    public func withNameBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var text = self
        return try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
    }
}

extension [UInt8]: FileName {
    public func withNameBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(body)
    }
}

extension ArraySlice<UInt8>: FileName {
    public func withNameBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withUnsafeBytes(body)
    }
}

extension RepositoryPath: FileName {
    public func withNameBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }
}

extension FileName {
    /// Lends the name as C wants it.
    /// - Throws: ``ChantalError`` `unsafe_path` if the name is empty or holds NUL (C would read another, shorter name).
    func withPointer<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) throws -> Result {
        try withNameBytes { bytes in
            if bytes.isEmpty || bytes.firstIndex(of: 0, from: 0) != nil {
                throw ChantalError(.unsafePath, "a file name is empty or holds a NUL byte")
            }
            return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
                memcpy(buffer.baseAddress!, bytes.baseAddress!, bytes.count)
                buffer[bytes.count] = 0
                return try body(buffer.baseAddress!)
            }
        }
    }

    /// For people: invalid UTF-8 is replaced, control characters are shown as `?`.
    var shown: String {
        withNameBytes { bytes in
            if bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
                return RepositoryPath(trusted: Array(bytes)).description
            }
            return bytes.text
        }
    }
}
