import Archive
import Basics
import Mirroring

/// A wheel or a source distribution that comes into a hosted index, as its name and its metadata agree to describe it.
struct Distribution {
    let project: ProjectName
    let version: Version
    /// As the metadata writes it.
    let displayName: String
    let requiresPython: String?
    let isWheel: Bool

    /// - Throws: ``ChantalError`` `usage` for another kind of file, `malformed` for a name or metadata that are wrong or disagree.
    init(_ upload: Upload, _ reader: any BlobReader) throws {
        let metadata: DistributionMetadata
        if upload.name.hasSuffix(".whl") {
            guard let wheel = WheelFilename(upload.name), let name = wheel.name else {
                throw ChantalError(
                    .malformed, "'\(upload.name)' is no name of a wheel",
                    hint: "NAME-VERSION-PYTHON-ABI-PLATFORM.whl, as it was built")
            }
            (project, version, isWheel) = (name, wheel.version, true)
            guard let bytes = try WheelMetadata.read(reader, of: name) else {
                throw ChantalError(.malformed, "the wheel has no METADATA of \(name)")
            }
            metadata = try DistributionMetadata(bytes)
        } else if let source = SourceFilename(upload.name) {
            (project, version, isWheel) = (source.name, source.version, false)
            metadata = try DistributionMetadata(try SourceDistribution.information(reader, upload.name))
        } else {
            throw ChantalError(
                .usage, "an index of Python packages is made of wheels and source distributions",
                hint: "NAME-VERSION-….whl, NAME-VERSION.tar.gz or NAME-VERSION.zip, as they were built")
        }
        guard let name = metadata.name, ProjectName(name) == project else {
            throw Distribution.disagreement("name", metadata.name, project.text)
        }
        guard let text = metadata.version, Version(text) == version else {
            throw Distribution.disagreement("version", metadata.version, version.description)
        }
        displayName = name
        requiresPython = metadata.requiresPython
        if let requires = requiresPython, requires.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw ChantalError(.malformed, "its Requires-Python holds a control character")
        }
    }

    private static func disagreement(_ what: String, _ said: String?, _ wanted: String) -> ChantalError {
        let shown = said.map { "'\(RepositoryPath(trusted: Array($0.utf8.prefix(100))))'" } ?? "none, or several"
        return ChantalError(
            .malformed, "the file's name gives the \(what) '\(wanted)', and its metadata \(shown)",
            hint: "build it anew, and do not rename it")
    }
}

extension SourceDistribution {
    /// PKG-INFO of a source distribution, in the one directory that all of it lies in (PEP 625); read to its end.
    /// - Throws: ``ChantalError`` `malformed` if there is none, or two.
    static func information(_ reader: any BlobReader, _ filename: String) throws -> [UInt8] {
        let archive = try archive(of: reader, filename)
        var found: [UInt8]?
        while let member = try archive.next() {
            let parts = member.name.split(separator: 0x2f, omittingEmptySubsequences: true)
            guard member.kind == .file, parts.count == 2, parts[1].elementsEqual("PKG-INFO".utf8),
                !parts[0].elementsEqual("..".utf8)
            else { continue }
            if found != nil { throw ChantalError(.malformed, "the source distribution has PKG-INFO twice") }
            found = try archive.readAll(limit: DistributionMetadata.lengthLimit)
        }
        guard let found else { throw ChantalError(.malformed, "the source distribution has no PKG-INFO") }
        return found
    }
}
