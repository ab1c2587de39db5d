import TestSupport

/// Indexes of Python packages, read by pip.
final class PyPIConformance: ConformanceUpstream {
    static let type = "pypi"
    static let isVerbatim = false
    static let signsMetadata = false

    private let packages: PyPIUpstream

    init() throws { packages = try PyPIUpstream(form: .json, serials: true) }

    var root: String { packages.root }
    let directory = "simple/"
    let section: [String] = []
    /// The list tells which pages have changed.
    let requestsWithoutChange = 1
    let signed: String? = nil

    func index() throws -> String? { nil }

    func add(_ name: String, _ version: String) throws { try packages.add(PythonPackage(name, version)) }

    func remove(_ name: String) throws { packages.projects[name] = nil }

    func publish() throws { try packages.publish() }

    private func fileName(_ name: String, _ version: String) -> String { "\(name)-\(version)-py3-none-any.whl" }

    func file(_ name: String, _ version: String) throws -> String { "files/\(name)/\(fileName(name, version))" }
    func published(_ name: String, _ version: String) throws -> String { "packages/\(name)/\(fileName(name, version))" }

    func fetch(_ name: String, from url: String, key: String?) throws -> [UInt8]? {
        let client = try PythonClient(.pip)
        let result = try client.download("\(url)simple/", "--no-deps", name)
        if result.status != 0, result.stderr.contains("No matching distribution found") { return nil }
        try result.checked()
        guard let file = try client.downloaded().first else { throw MissingPackage(name: name) }
        return try Files.read("\(client.downloads)/\(file)")
    }
}
