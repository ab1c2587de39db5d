import Basics
import Mirroring

extension PrimaryPackage {
    /// The catalog's row of a package that the reader gathered (`wantsRows`).
    /// - Parameter digest: the file's, if the state has it.
    func withFields<Result>(
        path: RepositoryPath, _ checksum: Checksum, digest: Digest?, _ body: (PackageFields) throws -> Result
    ) throws -> Result {
        var fields = PackageFields()
        fields.digest = digest
        fields.size = size ?? 0
        if checksum.sha256 == nil { fields.alias = checksum }
        let evr = evr
        return try withTexts { text in
            fields.name = text(.name)
            fields.architecture = text(.architecture)
            fields.summary = text(.summary)
            fields.homepage = text(.url)
            let source = PrimaryPackage.sourceName(text(.sourceRPM))
            if !source.elementsEqual(fields.name) { fields.source = source }
            return try evr.bytes.withUnsafeBytes { version in
                fields.version = version
                return try provides.withUnsafeBytes { provides in
                    fields.provides = provides
                    return try files.withUnsafeBytes { files in
                        fields.files = files
                        var copy = fields
                        return try path.withDescription { path in
                            copy.path = path
                            return try body(copy)
                        }
                    }
                }
            }
        }
    }

    /// `bash` of `bash-5.1.8-9.el9.src.rpm`; nothing if it is no such name.
    private static func sourceName(_ file: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = file.count
        for _ in 0..<2 {
            guard let dash = file.slice(0..<end).lastIndex(of: UInt8(ascii: "-")) else { return file.slice(0..<0) }
            end = dash
        }
        return file.slice(0..<end)
    }
}
