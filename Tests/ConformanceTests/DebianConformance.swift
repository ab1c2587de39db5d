import TestSupport

/// Debian-style repositories, read by apt.
final class DebianConformance: ConformanceUpstream {
    static let type = "apt"
    static let isVerbatim = true
    static let signsMetadata = true

    private let archive: DebianUpstream
    private var files: [String: String] = [:]

    init() throws { archive = try DebianUpstream() }

    var root: String { archive.root }
    var section: [String] { ["suites: [stable]", "keyring: \(archive.keyring)"] }
    let requestsWithoutChange = 1
    let signed: String? = "dists/stable/InRelease"

    func index() throws -> String? { "dists/stable/main/binary-amd64/Packages.xz" }

    func add(_ name: String, _ version: String) throws {
        files["\(name) \(version)"] = try archive.add(DebianPackage(name, version))
    }

    func remove(_ name: String) throws { try archive.remove(name) }

    func publish() throws {
        // What was done to indices must not stay under their names by hash.
        try Files.remove(archive.path("dists"))
        try archive.publish()
    }

    func file(_ name: String, _ version: String) throws -> String {
        guard let path = files["\(name) \(version)"] else { throw MissingPackage(name: name) }
        return path
    }

    func fetch(_ name: String, from url: String, key: String?) throws -> [UInt8]? {
        let client = try AptClient(sources: [AptClient.line(url, keyring: key ?? archive.keyring)])
        try client.update().checked()
        if try client.run("apt-cache", "policy", name).checked().stdout.isEmpty { return nil }
        try client.installDownloadOnly(name).checked()
        guard let file = try client.packageFiles().first else { throw MissingPackage(name: name) }
        return try Files.read("\(client.archives)/\(file)")
    }
}

struct MissingPackage: Error {
    let name: String
}
