import Mirroring

// Names of packages by Fedora's Packaging Guidelines: `-devel`, `-libs`, and `python3-NAME` or `python3.12-NAME` (Python, "Naming").
extension RPMEcosystem {
    public static func software(ofPackage name: String) -> SoftwareName {
        let name = name.lowercased()
        if let module = pythonModule(name) { return SoftwareName(module, .python) }
        if let development = name.rest(before: "-devel") {
            return SoftwareName(development.rest(after: "lib") ?? development, .development)
        }
        if let library = name.rest(before: "-libs") ?? name.rest(after: "lib"), !library.contains("-") {
            return SoftwareName(library, .library)
        }
        return SoftwareName(name, .program)
    }

    public static func packageNames(of software: SoftwareName) -> [String] {
        let stem = software.stem
        return switch software.part {
        case .program: [stem]
        case .python: ["python3-\(stem)", "python-\(stem)"]
        case .library: ["lib\(stem)", "\(stem)-libs"]
        case .development: ["lib\(stem)-devel", "\(stem)-devel"]
        }
    }

    /// What follows `python-`, `python3-`, `python3.12-` or `python312-`.
    private static func pythonModule(_ name: String) -> String? {
        guard let rest = name.rest(after: "python"), let dash = rest.firstIndex(of: "-"),
            rest[..<dash].allSatisfy({ $0.isWholeNumber || $0 == "." })
        else { return nil }
        let module = String(rest[rest.index(after: dash)...])
        return module.isEmpty || ["devel", "libs", "debug", "tkinter", "test"].contains(module) ? nil : module
    }
}
