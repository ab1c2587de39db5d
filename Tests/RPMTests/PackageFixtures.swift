import Basics
import Foundation
import Mirroring
import OpenPGP
import TestSupport

@testable import RPM

/// Packages and keys of rpm's and createrepo_c's own tests.
extension Fixtures {
    static func package(_ name: String) -> String { path("rpm/tests/data/RPMS/\(name)") }
    static func key(_ name: String) -> String { path("rpm/tests/data/keys/\(name)") }

    /// Every package file.
    static func packages() throws -> [String] {
        try ["rpm/tests/data", "createrepo_c/tests/testdata/packages", "librepo", "hostile/_Packages"].flatMap {
            folder in
            try Files.walk(path(folder)).filter { $0.hasSuffix(".rpm") || $0.hasSuffix(".rpm-v3") }
                .map { path("\(folder)/\($0)") }
        }
    }
}

/// Bytes as a store gives them, in pieces of any size.
final class BytesReader: BlobReader {
    private let bytes: [UInt8]
    private let piece: Int
    private var position = 0
    let size: Int64

    init(_ bytes: [UInt8], piece: Int = .max, size: Int64? = nil) {
        self.bytes = bytes
        self.piece = piece
        self.size = size ?? Int64(bytes.count)
    }

    convenience init(path: String, piece: Int = .max) throws { self.init(try Files.read(path), piece: piece) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, piece, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<(position + count)])
        position += count
        return count
    }

    func seek(to offset: Int64) throws { position = Int(clamping: min(offset, Int64(bytes.count))) }
}

/// The keyring of a test, with the home that it needs.
final class TestKeyring {
    private let home: TemporaryDirectory
    let keyring: Keyring

    init(files: [String], pinned: [String] = []) throws {
        home = try TemporaryDirectory("ring")
        chmod(home.path, 0o700)
        keyring = try Keyring(files: files, home: home.path, pinned: pinned)
    }

    func signatures(now: Timestamp = .present) throws -> PackageSignatures {
        try PackageSignatures(keyring: keyring, now: now)
    }
}

extension Timestamp {
    static var present: Timestamp { Timestamp(seconds: Int64(time(nil))) }
}

/// What went wrong; nil if nothing did.
func problem(_ body: () throws -> Void) -> ChantalError? {
    do { try body() } catch { return error as? ChantalError ?? ChantalError(.bug, "\(error)") }
    return nil
}

extension PackageSignatures {
    func problem(of path: String) -> ChantalError? {
        RPMTests.problem { try check(BytesReader(path: path), name: String(path.split(separator: "/").last ?? "")) }
    }
}
