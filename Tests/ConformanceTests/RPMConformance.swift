import TestSupport

/// RPM repositories, read by dnf.
final class RPMConformance: ConformanceUpstream {
    static let type = "rpm"
    static let isVerbatim = true
    static let signsMetadata = true

    private let repository: RPMUpstream

    init() throws { repository = try RPMUpstream() }

    var root: String { repository.root }
    var section: [String] { ["keyring: \(repository.keyring)"] }
    let requestsWithoutChange = 1
    let signed: String? = "repodata/repomd.xml.asc"

    func index() throws -> String? { try repository.file(of: "primary") }

    func add(_ name: String, _ version: String) throws { try repository.add(RPMPackage(name, version)) }

    func remove(_ name: String) throws {
        for file in try Files.names(repository.path("Packages")) where file.hasPrefix("\(name)-") {
            try repository.remove("Packages/\(file)")
        }
    }

    func publish() throws { try repository.publish() }

    func file(_ name: String, _ version: String) throws -> String { "Packages/\(RPMPackage(name, version).fileName)" }

    func listed(_ version: String) -> String { "\(version)-1" }

    func fetch(_ name: String, from url: String, key: String?) throws -> [UInt8]? {
        let client = try DNFClient([.init(url, key: key ?? repository.keyring, checksMetadata: true)])
        try client.makecache().checked()
        if try client.run("repoquery", "--quiet", name).checked().stdout.isEmpty { return nil }
        let destination = try TemporaryDirectory("rpms")
        try client.run("install", "--downloadonly", "--setopt=destdir=\(destination.path)", name).checked()
        guard let file = try Files.names(destination.path).first(where: { $0.hasSuffix(".rpm") }) else {
            throw MissingPackage(name: name)
        }
        return try Files.read(destination.path(file))
    }
}
