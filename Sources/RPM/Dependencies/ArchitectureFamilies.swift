import Basics
import Mirroring

/// Which architectures one machine takes packages of: x86_64 and i686 beside each other, noarch with all.
struct ArchitectureFamilies {
    private var families: [Int32: Int] = [:]
    /// By family the architecture with the most packages.
    private var mains: [Int32] = []

    init(_ universe: PackageUniverse) {
        var counts: [Int32: Int] = [:]
        for package in universe.packages { counts[package.architecture, default: 0] += 1 }
        var names: [String] = []
        var most: [Int] = []
        for (architecture, count) in counts.sorted(by: { $0.key < $1.key }) where architecture >= 0 {
            let text = universe.names.with(architecture) { $0.text }
            guard let name = ArchitectureFamilies.name(of: text) else { continue }
            let family = names.firstIndex(of: name) ?? names.count
            if family == names.count {
                names.append(name)
                mains.append(architecture)
                most.append(count)
            } else if count > most[family] {
                mains[family] = architecture
                most[family] = count
            }
            families[architecture] = family
        }
    }

    /// Nil for noarch, which belongs to all.
    func family(of architecture: Int32) -> Int? { families[architecture] }

    func main(of family: Int) -> Int32 { mains[family] }

    /// As rpm's arch_compat has them.
    private static func name(of architecture: String) -> String? {
        if architecture == "noarch" { return nil }
        let isX86 = architecture.hasPrefix("x86_64") || architecture == "amd64" || architecture == "ia32e"
        if isX86 || architecture == "athlon" || architecture == "geode" { return "x86_64" }
        if architecture.count == 4, architecture.first == "i", architecture.hasSuffix("86") { return "x86_64" }
        for (prefix, name) in [
            ("armv", "arm"), ("ppc64le", "ppc64le"), ("ppc", "ppc64"), ("s390", "s390x"), ("sparc", "sparc"),
            ("mips64el", "mips64el"), ("mipsel", "mips64el"),
        ] where architecture.hasPrefix(prefix) { return name }
        return architecture
    }
}
