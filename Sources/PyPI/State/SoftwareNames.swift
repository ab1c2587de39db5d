import Mirroring

// A project is what Python imports, or a program written in it: the name does not tell which.
extension PyPIEcosystem {
    public static func software(ofPackage name: String) -> SoftwareName {
        let name = ProjectName(name)?.text ?? name.lowercased()
        return SoftwareName(name.rest(after: "python-") ?? name, .python)
    }

    public static func packageNames(of software: SoftwareName) -> [String] {
        guard [.python, .program].contains(software.part), let stem = ProjectName(software.stem)?.text else {
            return []
        }
        return software.part == .python ? [stem, "python-\(stem)", "py\(stem)"] : [stem]
    }
}
