import Basics
import Mirroring

/// A package that a filtered repository may hold.
struct SelectedPackage {
    /// Its place in upstream's primary.
    var number: Int
    let name: String
    let evr: EVR
    let architecture: String
    /// Upstream's: what filelists and other know the package by.
    let checksum: Checksum
    let size: Int64?
    let buildTime: Int64
    let source: FileSource
    /// Where it is published.
    var path: RepositoryPath
    var isModular: Bool

    /// `name-epoch:version-release.arch`, as modules and advisories name packages.
    var nevra: String { SelectedPackage.nevra(name, evr, architecture) }

    static func nevra(_ name: String, _ evr: EVR, _ architecture: String) -> String {
        let hasEpoch = evr.bytes.withUnsafeBytes { !EVRParts($0).epoch.isEmpty }
        return "\(name)-\(hasEpoch ? "" : "0:")\(evr).\(architecture)"
    }

    static func nevra(_ package: PrimaryPackage, _ evr: EVR) -> String {
        nevra(package.text(.name), evr, package.text(.architecture))
    }

    var isSource: Bool { SelectedPackage.isSource(architecture) }

    static func isSource(_ architecture: String) -> Bool { architecture == "src" || architecture == "nosrc" }
}

extension PrimaryPackage {
    var isSource: Bool { with(.architecture) { $0.map { $0.equals("src") || $0.equals("nosrc") } ?? false } }
}

extension KeptPackages {
    init(_ packages: some Sequence<SelectedPackage>) {
        self.init()
        for package in packages {
            package.evr.bytes.withUnsafeBytes { bytes in
                let parts = EVRParts(bytes)
                insert(
                    name: package.name, epoch: bytes.slice(parts.epoch).text, version: bytes.slice(parts.version).text,
                    release: bytes.slice(parts.release).text, architecture: package.architecture,
                    location: package.path.description)
            }
        }
    }
}
