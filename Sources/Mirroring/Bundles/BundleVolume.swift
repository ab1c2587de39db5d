import Archive
import Basics
import FileSystem
import Hashing

/// Where a volume is read from.
public struct BundleInput {
    /// For messages.
    public let name: String
    let read: (UnsafeMutableRawBufferPointer) throws -> Int

    private final class File {
        let descriptor: FileDescriptor
        init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    }

    private init(_ file: File, _ cancellation: Cancellation?) {
        name = file.descriptor.path
        read = { buffer in
            // A read that waits for a pipe is not ended by a signal.
            while let cancellation, try !file.descriptor.isReadable(within: 200) { try cancellation.check() }
            return try file.descriptor.read(into: buffer)
        }
    }

    /// - Throws: ``ChantalError`` if it cannot be opened.
    public static func file(_ path: String) throws -> BundleInput {
        BundleInput(File(try FileDescriptor.open(path: path)), nil)
    }

    /// - Parameter cancellation: ends the waiting for more.
    public static func standardInput(_ cancellation: Cancellation) throws -> BundleInput {
        BundleInput(File(try FileDescriptor.standard(0)), cancellation)
    }
}

/// A volume of a bundle, opened: its own header, the bundle's description, the signature and the sums are read, the rest follows.
final class BundleVolume {
    /// No description is larger: three and a half million blobs.
    static let largestDescription = 256 << 20

    /// The file, for messages.
    let name: String
    /// The SHA-256 of the description: the bundle's identity.
    let set: Digest
    let number: Int
    let count: Int
    private(set) var signature: [UInt8]?
    private(set) var sums: Digest
    let tar: TarReader

    /// - Parameter keep: gets the description's bytes.
    /// - Throws: ``ChantalError`` `malformed` if it is no bundle.
    init(_ input: BundleInput, keep: ([UInt8]) -> Void) throws {
        name = input.name
        let tar = TarReader(from: input.read)
        self.tar = tar
        func member() throws -> TarMember {
            guard let member = try tar.next() else {
                throw ChantalError(.malformed, "the tar ends where the bundle begins", hint: "it is no bundle")
            }
            return member
        }
        let first = try member()
        guard first.name.starts(with: "VOLUME.".utf8) else {
            throw ChantalError(.malformed, "its first member is not VOLUME.1 or the like", hint: "it is no bundle")
        }
        let header = try tar.readAll(limit: 4096)
        (set, number, count) = try BundleVolume.parse(header)
        guard first.name.elementsEqual(BundleNames.volume(number).utf8) else {
            throw ChantalError(.malformed, "the name of its first member is that of another volume")
        }
        guard try member().name.elementsEqual(BundleNames.description.utf8) else {
            throw ChantalError(.malformed, "its second member is not \(BundleNames.description)")
        }
        let text = try tar.readAll(limit: BundleVolume.largestDescription)
        guard sha256(of: text) == set else {
            throw ChantalError(.mismatch, "the description of the bundle has another SHA-256 than its volume says")
        }
        keep(text)
        var next = try member()
        if next.name.elementsEqual(BundleNames.signature.utf8) {
            signature = try tar.readAll(limit: VolumeDivision.signatureRoom)
            next = try member()
        }
        guard next.name.elementsEqual(BundleNames.sums(number).utf8) else {
            throw ChantalError(.malformed, "it has no \(BundleNames.sums(number))")
        }
        sums = try tar.digestOfMember()
    }

    private static func parse(_ header: [UInt8]) throws -> (Digest, Int, Int) {
        let lines = String(decoding: header, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        if lines.first?.first == "chantal-volume", lines.first != ["chantal-volume", "1"] {
            throw ChantalError(
                .malformed, "the bundle is of a format newer than this chantal", hint: "use a newer chantal")
        }
        guard lines.count == 4, lines.allSatisfy({ $0.count == 2 }), let set = Digest(hex: String(lines[1][1])),
            let number = Int(lines[2][1]), let count = Int(lines[3][1]), number > 0, number <= count,
            BundleNames.header(set: set, number: number, of: count) == header
        else { throw ChantalError(.malformed, "its first member is no header of a volume", hint: "it is no bundle") }
        return (set, number, count)
    }

    /// Moves to the next member, which must be this one.
    func expect(_ name: String, size: Int64) throws {
        guard let member = try tar.next() else { throw ChantalError(.malformed, "'\(name)' is missing") }
        guard member.name.elementsEqual(name.utf8) else {
            let shown = RepositoryPath(trusted: Array(member.name.prefix(200)))
            throw ChantalError(.malformed, "'\(shown)' stands where '\(name)' belongs", path: "\(shown)")
        }
        guard member.size == size else {
            throw ChantalError(.mismatch, "'\(name)' has \(member.size) bytes where \(size) are declared")
        }
    }

    /// Nothing may follow.
    func expectEnd() throws {
        guard let member = try tar.next() else { return }
        let shown = RepositoryPath(trusted: Array(member.name.prefix(200)))
        throw ChantalError(.malformed, "'\(shown)' does not belong into it", path: "\(shown)")
    }
}

extension TarReader {
    /// The SHA-256 of the rest of the member.
    func digestOfMember() throws -> Digest {
        var hasher = SHA256Hasher()
        while true {
            let bytes = try chunk()
            if bytes.isEmpty { return hasher.finish() }
            hasher.update(bytes)
        }
    }
}
