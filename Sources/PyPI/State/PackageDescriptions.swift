import Basics
import Mirroring

extension PyPIEcosystem {
    public static func describe(_ package: PackageRow, in state: StateReader) throws -> PackageDescription? {
        guard let name = ProjectName(package.name) else { return nil }
        let file = try PublishedIndex(state).page(of: name)?.files.first {
            (try? IndexPath.file($0.filename, of: name))?.description == package.path
        }
        var description = PackageDescription(why: file.map(\.why) ?? [])
        if description.why.count > 1 { description.why = [description.why.joined(separator: " → ")] }
        guard let path = try? RepositoryPath(package.path) else { return description }
        description.files = memberNames(path, state)
        guard let twin = IndexPath.twin(path, IndexPath.metadataSuffix), let entry = state.manifest[twin],
            entry.size <= DistributionMetadata.lengthLimit
        else { return description }
        var bytes: [UInt8] = []
        try state.open(entry.digest).forEachChunk { bytes.append(contentsOf: $0) }
        let metadata = try DistributionMetadata(bytes)
        description.requires = metadata.requiresDist
        description.provides = metadata.providesExtra.map { "\(name.text)[\($0)]" }
        let fields = MetadataText(bytes)
        description.license = fields["License-Expression"] ?? fields["License"]
        description.homepage = fields["Home-page"] ?? fields.homepage
        description.description = fields.body ?? metadata.summary
        return description
    }

    /// The names in a wheel; nil for what is none.
    private static func memberNames(_ path: RepositoryPath, _ state: StateReader) -> (() throws -> [String])? {
        guard let entry = state.manifest[path], path.bytes.suffix(4).elementsEqual(".whl".utf8) else { return nil }
        return { try WheelMetadata.names(state.open(entry.digest)) }
    }
}

/// Fields of METADATA that only people read (core metadata specifications).
struct MetadataText {
    private var fields: [(name: String, value: String)] = []
    /// The description below the fields; nil if there is none.
    private(set) var body: String?

    init(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.isEmpty {
                let rest = lines[(index + 1)...].joined(separator: "\n")
                if !rest.isEmpty { body = rest }
                break
            }
            if line.first == " " || line.first == "\t" {
                if !fields.isEmpty { fields[fields.count - 1].value += "\n" + line.drop { $0 == " " || $0 == "\t" } }
            } else if let colon = line.firstIndex(of: ":") {
                fields.append((String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " })))
            }
        }
        if body == nil { body = self["Description"] }
    }

    /// The first of a name, whatever its case; nil if it is absent, empty or `UNKNOWN`.
    subscript(name: String) -> String? {
        let found = fields.first { $0.name.lowercased() == name.lowercased() }?.value
        return found == "" || found == "UNKNOWN" ? nil : found
    }

    /// `Project-URL: Homepage, https://…`
    var homepage: String? {
        for field in fields where field.name.lowercased() == "project-url" {
            let parts = field.value.split(separator: ",", maxSplits: 1)
            guard parts.count == 2, ["homepage", "home", "home-page"].contains(parts[0].lowercased()) else { continue }
            return String(parts[1].drop { $0 == " " })
        }
        return nil
    }
}
