import Basics
import Mirroring
import XML

extension RPMEcosystem {
    public static func describe(_ package: PackageRow, in state: StateReader) throws -> PackageDescription? {
        guard let repository = try PublishedRepository(state) else { return nil }
        let collected = CollectedDetails(path: package.path)
        let reader = PrimaryReader(
            wantsDetails: true, entriesOf: Array(package.name.utf8), entries: { collected.take($1, of: $0) },
            { collected.finish($0) })
        try repository.readPrimary(reader, wantsFormats: true)
        guard var description = collected.description, let pkgid = collected.pkgid else { return nil }
        description.why = try PublishedClosure(repository)?.why(path: package.path) ?? []
        description.files = { try repository.files(of: pkgid) }
        return description
    }

    public static func advisories(in state: StateReader) throws -> [Advisory] {
        guard let repository = try PublishedRepository(state), let record = repository.repomd["updateinfo"] else {
            return []
        }
        let updates = UpdateInfo([
            (file: record.location.path.description, read: { body in _ = try repository.read("updateinfo", body) })
        ])
        guard state.manifest[record.location.path] != nil else { return [] }
        var result: [Advisory] = []
        try updates.read { update in
            result.append(
                Advisory(
                    id: update.id, kind: update.kind, severity: update.severity, title: update.title,
                    issuedAt: update.issuedAt, packages: update.packages.map(\.nevra)))
        }
        return result
    }
}

extension PublishedRepository {
    /// The paths that a package installs, as filelists has them.
    func files(of pkgid: [UInt8]) throws -> [String] {
        let reader = FileListReader()
        let name = repomd["filelists"]?.location.path.description ?? "filelists"
        let document = try PackageDocument(file: name, handler: reader)
        var splitter = PackageSplitter(file: name)
        _ = try read("filelists") { chunk in
            try splitter.write(chunk) { package in
                guard PackageSplitter.attribute("pkgid", of: package)?.elementsEqual(pkgid) == true else { return }
                try document.write(package)
            }
        }
        try document.finish()
        return reader.paths
    }
}

/// What primary says of the package at one path.
private final class CollectedDetails {
    private let path: String
    private var number = -1
    private var provides: [String] = []
    private var requires: [String] = []
    private(set) var description: PackageDescription?
    private(set) var pkgid: [UInt8]?

    init(path: String) { self.path = path }

    func take(_ entry: PrimaryEntry, of package: PrimaryPackage) {
        if number != package.number {
            number = package.number
            (provides, requires) = ([], [])
        }
        guard case .relation(let relation) = entry else { return }
        if relation.list.elementsEqual("provides".utf8) { provides.append(relation.text) }
        if relation.list.elementsEqual("requires".utf8) { requires.append(relation.text) }
    }

    func finish(_ package: PrimaryPackage) {
        guard description == nil,
            package[.href].map({ RepositoryPath(trusted: Array($0)).description == path }) ?? false
        else { return }
        func text(_ field: PrimaryPackage.Field) -> String? {
            let text = package.text(field)
            return text.isEmpty ? nil : text
        }
        let isOurs = number == package.number
        pkgid = package[.checksum].map { Array($0) }
        description = PackageDescription(
            license: text(.license), homepage: text(.url), description: text(.description), source: text(.sourceRPM),
            buildTime: package.buildTime.map { Timestamp(seconds: $0) }, provides: isOurs ? provides : [],
            requires: isOurs ? requires : [])
    }
}

extension PrimaryRelation {
    /// `curl >= 8.0-1`, as a spec file has it.
    var text: String {
        let name = String(decoding: name, as: UTF8.self)
        guard let flags, let sign = PrimaryRelation.signs[String(decoding: flags, as: UTF8.self)] else { return name }
        return "\(name) \(sign) \(evr)"
    }

    private static let signs = ["EQ": "=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="]
}

/// Gathers the files of one package of filelists.
private final class FileListReader: MarkupHandler {
    private(set) var paths: [String] = []
    private var text = TextCollector(limit: 1 << 16)

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws { if name == "file" { text.open() } }

    func characters(_ text: UnsafeRawBufferPointer) throws { try self.text.append(text) }

    func endElement(_ name: MarkupName) throws { if name == "file" { paths.append(text.close()) } }
}
