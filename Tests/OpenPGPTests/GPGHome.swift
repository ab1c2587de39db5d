import Basics
import Foundation
import OpenPGP
import Synchronization
import Testing

/// The directories of tests that are running. The test process may exit before the last test's values are gone: then these are removed
/// at its exit, and an agent whose home is gone ends by itself.
enum LiveDirectories {
    private static let paths = Mutex<Set<String>>([])
    private static let registered: Void = {
        atexit {
            for path in LiveDirectories.paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
        }
    }()

    static func insert(_ path: String) {
        registered
        paths.withLock { _ = $0.insert(path) }
    }

    static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }
}

/// A gpg home of its own under a short path (sockets' paths are), with whatever gpg makes in it; gone with its agent at the end.
final class GPGHome {
    let path: String

    init() throws {
        path = "/tmp/gpg-\(UUID().uuidString.prefix(8))"
        LiveDirectories.insert(path)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        _ = try? run("gpgconf", ["--homedir", path, "--kill", "all"])
        // The agent takes its sockets away meanwhile, which can make a removal fail half way.
        for _ in 0..<50 where FileManager.default.fileExists(atPath: path) {
            try? FileManager.default.removeItem(atPath: path)
            usleep(10_000)
        }
        LiveDirectories.remove(path)
    }

    /// Runs gpg here, at a faked time if one is given (`20200101T000000`).
    @discardableResult
    func gpg(_ arguments: [String], input: [UInt8] = [], at time: String? = nil) throws -> [UInt8] {
        let faked = time.map { ["--faked-system-time", "\($0)!"] } ?? []
        return try run(
            "gpg",
            ["--homedir", path, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""] + faked
                + arguments,
            input: input)
    }

    /// Makes a key and gives its fingerprint.
    func makeKey(
        _ name: String, _ algorithm: String = "ed25519", expires: String = "never", passphrase: String? = nil,
        at time: String? = nil
    ) throws -> String {
        let own = passphrase.map { ["--passphrase", $0] } ?? []
        try gpg(own + ["--quick-generate-key", "\(name) <\(name)@example.org>", algorithm, "sign", expires], at: time)
        let lines = String(decoding: try gpg(["--list-keys", "--with-colons", "\(name)@example.org"]), as: UTF8.self)
        let line = try #require(lines.split(separator: "\n").first { $0.hasPrefix("fpr:") })
        return String(line.split(separator: ":").last ?? "")
    }

    func clearsign(
        _ text: [UInt8], by keys: [String], options: [String] = [], at time: String? = nil
    ) throws -> [UInt8] {
        try gpg(options + keys.flatMap { ["--local-user", $0] } + ["--clearsign"], input: text, at: time)
    }

    func detached(_ text: [UInt8], by keys: [String], options: [String] = ["--armor"]) throws -> [UInt8] {
        try gpg(options + keys.flatMap { ["--local-user", $0] } + ["--detach-sign"], input: text)
    }

    func export(_ keys: String..., armored: Bool = false) throws -> [UInt8] {
        try gpg((armored ? ["--armor"] : []) + ["--export"] + keys)
    }

    /// Revokes a key by the certificate that gpg made with it.
    func revoke(_ key: String) throws {
        let file = try String(contentsOfFile: "\(path)/openpgp-revocs.d/\(key).rev", encoding: .utf8)
        try gpg(["--import"], input: Array(file.replacingOccurrences(of: ":-----BEGIN", with: "-----BEGIN").utf8))
    }
}

/// A directory for a test's files.
final class Scratch {
    let path = "/tmp/pgp-\(UUID().uuidString.prefix(8))"

    init() throws {
        LiveDirectories.insert(path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        LiveDirectories.remove(path)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    /// A fresh home for verifying.
    func home() throws -> String {
        let home = "\(path)/home-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        return home
    }

    func keyring(_ bytes: [UInt8]..., pinned: [String] = []) throws -> Keyring {
        let files = try bytes.map { try file("ring-\(UUID().uuidString.prefix(8))", $0) }
        return try Keyring(files: files, home: home(), pinned: pinned)
    }
}

@discardableResult
func run(_ tool: String, _ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("input-\(UUID().uuidString)")
    try Data(input).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(tool) \(arguments)")
    return bytes
}

/// The processes whose command line names a directory.
func processes(naming path: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { entry in
        guard Int(entry) != nil, let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
            return false
        }
        return String(decoding: line, as: UTF8.self).contains(path)
    }
}

/// The error of a body, which must be one of chantal's.
func failure(_ body: () throws -> Void) throws -> ChantalError {
    do { try body() } catch { return try #require(error as? ChantalError) }
    Issue.record("nothing was thrown")
    return ChantalError(.bug, "nothing was thrown")
}

let release = Array("Origin: example\nSuite: stable\n- starts with a dash\n\nSHA256:\n 0123 4 main/Packages\n".utf8)
