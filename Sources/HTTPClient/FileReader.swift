internal import Basics
internal import Glibc

/// A `file` URL as a transfer: in steps, so that it does not hold up the others.
final class FileReader {
    private let descriptor: Int32
    private let buffer: UnsafeMutableRawBufferPointer

    private static let stepSize = 256 << 10

    /// Opens the file and answers as a server would: 200, 206 or 304.
    ///
    /// The ETag tells inode, size and time in nanoseconds, so that two contents within one second differ.
    /// - Returns: nil if no body follows.
    init?(_ job: Job) throws(ChantalError) {
        let path = try FileReader.path(job.url.text)
        descriptor = path.withUnsafeBufferPointer { open($0.baseAddress!, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        buffer = .allocate(byteCount: FileReader.stepSize, alignment: 16)
        guard descriptor >= 0 else { throw FileReader.error(job, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileReader.error(job, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ChantalError(.missing, "\(job.shownURL) is no file", url: job.shownURL)
        }
        let time = status.st_mtim
        let etag = "\"\(status.st_ino)-\(status.st_size)-\(time.tv_sec).\(time.tv_nsec)\""
        let date = Timestamp(seconds: Int64(time.tv_sec)).rfc2822(zone: "GMT")
        var length = Int64(status.st_size)
        job.status = 200
        if let known = job.transfer.validators,
            known.etag.map({ $0 == etag }) ?? (known.lastModified == date)
        {
            job.status = 304
        } else if let resume = job.resume, resume.offset < length, resume.ifRange.map({ $0 == etag }) ?? true,
            lseek(descriptor, off_t(resume.offset), SEEK_SET) >= 0
        {
            job.status = 206
            length -= resume.offset
        }
        var lines = ["ETag: \(etag)", "Last-Modified: \(date)", "Content-Length: \(length)"]
        if job.status == 206, let resume = job.resume {
            let size = resume.offset + length
            lines.append("Content-Range: bytes \(resume.offset)-\(size - 1)/\(size)")
        }
        job.headers = ResponseHeaders(lines)
        if job.status == 304 || !job.endOfHeaders() { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        buffer.deallocate()
    }

    /// Hands on a part of the file.
    /// - Returns: false at the end or after an error, which the job then holds.
    func step(_ job: Job) -> Bool {
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { return job.take(UnsafeRawBufferPointer(rebasing: buffer[0..<count])) }
            if count == 0 { return false }
            if errno != EINTR { return job.fail(FileReader.error(job, errno)) }
        }
    }

    private static func error(_ job: Job, _ number: Int32) -> ChantalError {
        let code: ChantalError.Code =
            switch number {
            case ENOENT, ENOTDIR: .missing
            case EACCES, EPERM: .permission
            default: .io
            }
        let reason = String(cString: strerror(number))
        return ChantalError(code, "\(job.shownURL) cannot be read: \(reason)", url: job.shownURL)
    }

    /// The decoded bytes of the path, with a NUL behind them.
    private static func path(_ url: String) throws(ChantalError) -> [CChar] {
        var path: [CChar] = []
        var bytes = Array(url.utf8.dropFirst("file://".utf8.count))[...]
        while let byte = bytes.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                path.append(CChar(bitPattern: byte))
                continue
            }
            guard let decoded = Hex.bytes(bytes.prefix(2)), decoded.count == 1, decoded[0] != 0 else {
                throw ChantalError(.network, "the URL '\(url)' is refused: '%' without two digits, or NUL", url: url)
            }
            path.append(CChar(bitPattern: decoded[0]))
            bytes = bytes.dropFirst(2)
        }
        guard path.first == CChar(UInt8(ascii: "/")) else {
            throw ChantalError(.network, "the URL '\(url)' is refused: its path is not absolute", url: url)
        }
        return path + [0]
    }
}
