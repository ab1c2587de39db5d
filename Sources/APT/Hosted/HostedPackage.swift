import Basics
import Mirroring

/// A package of a hosted repository in one suite and component.
struct HostedPackage {
    /// `packages`, `udebPackages` or `sources`.
    let kind: IndexKind
    let suite: String
    let component: String
    let identity: PackageIdentity
    /// Where its files lie; the one that stands for it first.
    let paths: [RepositoryPath]
    /// Its stanza in ``PackageShelf/bytes``, with the empty line after it.
    let stanza: Range<Int>

    /// The name of the file that stands for it.
    var fileName: String { String(decoding: paths[0].name, as: UTF8.self) }

    /// Whether another one is the same package, in whatever component and with whatever bytes.
    func isSame(as other: HostedPackage) -> Bool {
        kind == other.kind && suite == other.suite && identity == other.identity
    }

    /// The order in an index.
    static func isBefore(_ a: HostedPackage, _ b: HostedPackage) -> Bool {
        if a.identity.name != b.identity.name { return a.identity.name < b.identity.name }
        let order = APTEcosystem.compareVersions(a.identity.version, b.identity.version)
        if order != 0 { return order < 0 }
        let (x, y) = (a.identity, b.identity)
        return (x.architecture, x.version) != (y.architecture, y.version)
            ? (x.architecture, x.version) < (y.architecture, y.version) : a.paths[0] < b.paths[0]
    }
}
