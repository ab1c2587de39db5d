import Basics

/// Which files can be installed on the configured versions of Python and platforms.
///
/// Wheels are judged by their tags (PEP 425) and Requires-Python, source distributions by Requires-Python.
final class TargetRules {
    /// One combination that files are counted for; without `python` and `platforms` there is one that takes everything.
    struct Place: Hashable {
        let python: String?
        let platform: TargetPlatform?
    }

    let places: [Place]
    /// The combinations, if both pythons and platforms are configured.
    let targets: [Target]
    private var tags: [Place: SupportedTags] = [:]
    private var pythons: [String: [Version]] = [:]
    private var allowed: [String: [String: Allowance]] = [:]

    /// What Requires-Python says of the patch releases of a Python.
    private struct Allowance {
        /// One for each by the book, as pip reads it, and then one for each by the lower bound alone, as uv does.
        let readings: [Bool]
        /// Whether some client may use some of them.
        let isReached: Bool
    }

    /// What stands for wheels for any platform where no platform is configured.
    private static let anyPlatform = TargetPlatform("linux_x86_64")

    init(pythons: [String], platforms: [TargetPlatform]) {
        let versions: [String?] = pythons.isEmpty ? [nil] : pythons
        let systems: [TargetPlatform?] = platforms.isEmpty ? [nil] : platforms
        places = versions.flatMap { python in systems.map { Place(python: python, platform: $0) } }
        targets = pythons.flatMap { python in platforms.compactMap { Target(python: python, platform: $0) } }
    }

    var takesEverything: Bool { places == [Place(python: nil, platform: nil)] }

    /// Whether some client may take it there: an upper bound of Requires-Python does not count, for uv passes over it.
    func takes(_ file: ParsedFile, at place: Place) -> Bool {
        if place.python == nil, place.platform == nil { return true }
        if let python = place.python, let requires = file.file.requiresPython,
            !allowance(requires, python).isReached
        {
            return false
        }
        switch file.name?.kind {
        case .wheel(let wheel): return takes(wheel, at: place)
        case .source: return true
        default: return false
        }
    }

    /// Whether some client may take it in one of the places.
    func takes(_ file: ParsedFile) -> Bool { takesEverything || places.contains { takes(file, at: $0) } }

    private func takes(_ wheel: WheelFilename, at place: Place) -> Bool {
        switch (place.python, place.platform) {
        case (let python?, let platform?): return supported(python, platform)?.isInstallable(wheel) ?? false
        case (nil, let platform?):
            let known = Set(platform.tags)
            return wheel.platforms.contains { $0 == "any" || known.contains($0) }
        case (let python?, nil):
            return wheel.platforms.contains { text in
                guard let platform = text == "any" ? TargetRules.anyPlatform : TargetPlatform(text) else {
                    return false
                }
                return supported(python, platform)?.isInstallable(wheel) ?? false
            }
        case (nil, nil): return true
        }
    }

    private func supported(_ python: String, _ platform: TargetPlatform) -> SupportedTags? {
        let place = Place(python: python, platform: platform)
        if let known = tags[place] { return known }
        guard let target = Target(python: python, platform: platform) else { return nil }
        let made = SupportedTags(target)
        tags[place] = made
        return made
    }

    /// Of files that a place takes those that each client sees there, pip and uv, with each patch release of Python; each selection once.
    func byClient(_ fitting: [Int], _ files: [ParsedFile], at place: Place) -> [[Int]] {
        guard let python = place.python else { return [fitting] }
        var result: [[Int]] = []
        for reading in 0..<versions(of: python).count * 2 {
            let own = fitting.filter {
                files[$0].file.requiresPython.map { allowance($0, python).readings[reading] } ?? true
            }
            if !result.contains(own) { result.append(own) }
        }
        return result
    }

    private func allowance(_ requires: String, _ python: String) -> Allowance {
        if let known = allowed[requires]?[python] { return known }
        let (rule, versions) = (RequiresPython(requires), versions(of: python))
        let readings = versions.map(rule.allows) + versions.map(rule.allowsBelow)
        let result = Allowance(readings: readings, isReached: readings.contains(true))
        allowed[requires, default: [:]][python] = result
        return result
    }

    private func versions(of python: String) -> [Version] {
        if let known = pythons[python] { return known }
        var result: [Version] = []
        if let platform = TargetRules.anyPlatform, let target = Target(python: python, platform: platform) {
            result = target.patchVariants.compactMap { Version($0.fullPython) }
        }
        pythons[python] = result
        return result
    }
}

/// A file of a page, its name taken apart.
struct ParsedFile {
    let file: ProjectFile
    /// Nil for a name that has no version that PEP 440 knows.
    let name: DistributionFilename?

    init(_ file: ProjectFile, of project: ProjectName) {
        self.file = file
        name = DistributionFilename(file.filename, of: project)
    }

    var version: Version? { name?.version }
}
