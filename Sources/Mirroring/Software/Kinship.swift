import Catalog

/// The names that a question leads to by convention.
struct Kinship {
    let question: SoftwareSearch.Question
    /// Names by the conventions of a type, in lower case, with the part that each stands for.
    private let conventions: [String: [String: SoftwareName.Part]]

    init(_ question: SoftwareSearch.Question, _ ecosystems: EcosystemRegistry) throws {
        self.question = question
        let name = question.name.lowercased()
        // What the name may mean: itself, or what an ecosystem's conventions read in it.
        var stems: Set<SoftwareName> = Set(SoftwareName.Part.allCases.map { SoftwareName(name, $0) })
        for ecosystem in ecosystems.all {
            let read = ecosystem.software(ofPackage: name)
            if read.part != .program { stems.insert(read) }
        }
        var conventions: [String: [String: SoftwareName.Part]] = [:]
        for ecosystem in ecosystems.all {
            for software in stems where question.part == nil || question.part == software.part {
                for candidate in ecosystem.packageNames(of: software) {
                    conventions[ecosystem.declaration.type, default: [:]][candidate.lowercased()] = software.part
                }
            }
        }
        self.conventions = conventions
    }

    /// All names to look up.
    var names: [String] { [question.name.lowercased()] + conventions.values.flatMap(\.keys) }

    /// Whether a name follows by the conventions of its type.
    func follows(_ found: FoundPackage) -> Bool {
        conventions[found.type]?[found.package.name.lowercased()] != nil
    }

    /// Those who have the name itself, or else those that are made from a source of that name or whose names follow from it.
    /// - Parameters:
    ///   - named: packages by their names in lower case.
    ///   - made: packages by their sources in lower case.
    ///   - provided: those that provide the name.
    func family(
        _ named: [String: [FoundPackage]], made: [String: [FoundPackage]], provided: [FoundPackage]
    ) -> Family {
        let name = question.name.lowercased()
        let own = named[name] ?? []
        let members =
            own.isEmpty ? (made[name] ?? []) + names.dropFirst().flatMap { named[$0] ?? [] }.filter(follows) : own
        return Family(kinship: self, members: members, provided: Set(provided))
    }
}

extension FoundPackage {
    /// The name of the source package, in lower case.
    var sourceName: String { (package.source.isEmpty ? package.name : package.source).lowercased() }
}

/// The packages that a question is about, and what leads from them to others.
struct Family {
    let kinship: Kinship
    let members: [FoundPackage]
    /// Those that provide the name. They lead to no others: what stands in for something else has other relatives.
    private let provided: Set<FoundPackage>
    /// In lower case.
    private(set) var sources: Set<String> = []
    /// As ``Homepage/key(_:)`` has them.
    private(set) var homepages: Set<String> = []

    init(kinship: Kinship, members: [FoundPackage], provided: Set<FoundPackage>) {
        self.kinship = kinship
        self.members = members
        self.provided = provided
        sources = Set(members.map(\.sourceName)).union([kinship.question.name.lowercased()])
    }

    /// Gathers homepages; each name of a repository is looked at once.
    mutating func learn(_ homepage: (FoundPackage) throws -> String?) throws {
        var seen: Set<String> = []
        for member in members {
            let written = member.package.homepage
            if !written.isEmpty {
                if let key = Homepage.key(written) { homepages.insert(key) }
            } else if seen.insert("\(member.repository) \(member.package.name)").inserted {
                if let url = try homepage(member), let key = Homepage.key(url) { homepages.insert(key) }
            }
        }
    }

    /// Weighs everything that may belong to the question.
    func found(_ named: [String: [FoundPackage]], _ relatives: [FoundPackage], _ ecosystems: EcosystemRegistry) throws
        -> [SoftwareSearch.Found]
    {
        let wanted = kinship.question.name.lowercased()
        let mine = relatives.filter { isRelative($0) }
        let all = Set(kinship.names.flatMap { named[$0] ?? [] } + mine).union(provided)
        var result: [SoftwareSearch.Found] = []
        for package in all {
            let name = package.package.name.lowercased()
            let part = try ecosystems.type(package.type).software(ofPackage: name).part
            var evidence: [SoftwareSearch.Evidence] = []
            if name == wanted { evidence.append(.name) }
            if sharesHomepage(package) { evidence.append(.homepage) }
            if sources.contains(package.sourceName) { evidence.append(.source) }
            if name != wanted, provided.contains(package) { evidence.append(.provides) }
            if kinship.follows(package) { evidence.append(.convention) }
            let asked = kinship.question.part
            guard !evidence.isEmpty, asked == nil || asked == part || evidence.contains(.name) && isOpen(package, part)
            else { continue }
            result.append(.init(package: package, part: part, evidence: evidence, weight: weight(evidence, part)))
        }
        return result.sorted { a, b in
            if a.package.type != b.package.type { return a.package.type < b.package.type }
            if a.weight != b.weight { return a.weight > b.weight }
            if a.package.repository != b.package.repository { return a.package.repository < b.package.repository }
            return a.package.package < b.package.package
        }
    }

    /// A project of an ecosystem that knows one part only may be any: a program written in Python is a project too.
    private func isOpen(_ found: FoundPackage, _ part: SoftwareName.Part) -> Bool {
        part == .python && kinship.question.part == .program
    }

    private func sharesHomepage(_ found: FoundPackage) -> Bool {
        Homepage.key(found.package.homepage).map(homepages.contains) ?? false
    }

    private func isRelative(_ found: FoundPackage) -> Bool {
        sources.contains(found.sourceName) || sharesHomepage(found)
    }

    private func weight(_ evidence: [SoftwareSearch.Evidence], _ part: SoftwareName.Part) -> Int {
        let sum = evidence.reduce(0) { $0 + $1.weight }
        // Whoever asks for a name without a part wants what it does rather than what it is built with.
        let order: [SoftwareName.Part] = [.program, .python, .library, .development]
        return sum * 4 - (order.firstIndex(of: part) ?? 0)
    }
}
