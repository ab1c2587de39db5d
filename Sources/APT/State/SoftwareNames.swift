import Mirroring

// Names of packages by Debian's conventions: Policy 8.1 (`libNAMEsoversion`), 8.4 (`-dev`), and the Python Policy, 4.3 (`python3-NAME`).
extension APTEcosystem {
    public static func software(ofPackage name: String) -> SoftwareName {
        let name = name.lowercased()
        if let module = name.rest(after: "python3-") ?? name.rest(after: "python-"),
            !["dev", "all", "all-dev", "full", "minimal", "venv"].contains(module)
        {
            return SoftwareName(module, .python)
        }
        if let development = name.rest(before: "-dev") {
            return SoftwareName(development.rest(after: "lib") ?? development, .development)
        }
        if let library = name.rest(after: "lib"), let stem = withoutSoversion(library) {
            return SoftwareName(stem, .library)
        }
        return SoftwareName(name, .program)
    }

    public static func packageNames(of software: SoftwareName) -> [String] {
        let stem = software.stem
        return switch software.part {
        case .program: [stem]
        case .python: ["python3-\(stem)", "python-\(stem)"]
        case .library: ["lib\(stem)"]
        case .development: ["lib\(stem)-dev", "\(stem)-dev"]
        }
    }

    /// `xml2` → `xml`, `ssl3` → `ssl`, `glib2.0-0t64` → `glib`: without the version of the interface; nil if there is none.
    private static func withoutSoversion(_ library: String) -> String? {
        let name = library.rest(before: "t64") ?? library
        let end = name.utf8.reversed().drop { isDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        let stem = String(decoding: end.reversed(), as: UTF8.self)
        return stem.isEmpty || !name.utf8.dropFirst(stem.utf8.count).contains(where: isDigit) ? nil : stem
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
