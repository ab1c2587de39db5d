import Basics

/// Finds everything that requirements lead to, for several targets at once: all versions that they allow, or the newest of them.
///
/// For each group and target it keeps what ``Preference`` says, and besides what a client resolves where newer versions contradict each
/// other (``Resolver``), so that what pip and uv install from the index is there. A source distribution is taken where no wheel of its
/// version fits, with what it needs to be built. The result depends on the request and the provider's answers alone.
public struct DependencyClosure {
    private let request: ClosureRequest
    private let knowledge: ClosureKnowledge
    private let checkCancellation: () throws -> Void
    private var kept: [FileKey: ClosureResult.Kept] = [:]
    private var unmet: [ClosureResult.Unmet] = []
    private var doubtful: [ClosureResult.Unmet] = []
    private var unsolved: [ClosureResult.Unsolved] = []
    private var builds = BuildQueue()

    private struct FileKey: Hashable {
        let project: ProjectName
        let filename: String
    }

    /// - Throws: what the provider and `checkCancellation` throw, and ``ChantalError`` `too_large` or `malformed` for a root's marker
    ///   that cannot be evaluated.
    public static func run(
        _ request: ClosureRequest, provider: any ClosureProvider, checkCancellation: @escaping () throws -> Void = {}
    ) throws -> ClosureResult {
        var closure = DependencyClosure(request, provider, checkCancellation)
        for group in request.groups {
            for target in request.targets { try closure.take(group, target) }
        }
        while let (group, target) = try closure.builds.next() { try closure.take(group, target) }
        return closure.result()
    }

    private init(
        _ request: ClosureRequest, _ provider: any ClosureProvider, _ checkCancellation: @escaping () throws -> Void
    ) {
        self.request = request
        knowledge = ClosureKnowledge(provider)
        self.checkCancellation = checkCancellation
    }

    private mutating func take(_ group: ClosureGroup, _ target: Target) throws {
        for variant in target.patchVariants {
            func view(_ client: TargetView.Client) throws -> TargetView {
                try TargetView(variant, of: target, group: group, client: client, knowledge: knowledge)
            }
            let strict = try view(.pip)
            let missed = try walk(group, strict, target, latest: request.latest)
            // What only uv takes is what it takes first, not all that it could.
            let lenient = strict.dependsOnClient ? try view(.uv) : nil
            if let lenient {
                let alsoMissed = try walk(group, lenient, target, latest: request.latest ?? 1)
                let (pip, uv) = (Set(missed.map(\.path)), Set(alsoMissed.map(\.path)))
                unmet += missed.filter { uv.contains($0.path) } + alsoMissed.filter { !pip.contains($0.path) }
                doubtful += missed.filter { !uv.contains($0.path) }
            } else {
                unmet += missed
            }
            if request.latest != nil {
                try resolve(group, [(.pip, strict), (.uv, lenient ?? strict)], target)
            } else if let lenient {
                try resolve(group, [(.uv, lenient)], target)
            }
            if !strict.dependsOnPatch, !(lenient?.dependsOnPatch ?? false) { break }
        }
    }

    /// Keeps everything that a group leads to.
    /// - Returns: what is not met.
    private mutating func walk(_ group: ClosureGroup, _ view: TargetView, _ target: Target, latest: Int?) throws
        -> [ClosureResult.Unmet]
    {
        let closure = GroupClosure(
            view: view, group: group,
            preference: Preference(latest: latest, takesPreReleases: request.takesPreReleases))
        try closure.run(checkCancellation: checkCancellation)
        for project in closure.nodes.keys.sorted() {
            guard let node = closure.nodes[project] else { continue }
            for place in node.kept.keys.sorted() {
                try keep(node.candidates[place].file, closure.chain(project, place), target)
            }
        }
        return closure.unmet.map { $0.on(target) }
    }

    /// What clients resolve, in each of their orders; and again with wheels only, where source distributions are among it.
    private mutating func resolve(
        _ group: ClosureGroup, _ clients: [(order: Resolver.Order, view: TargetView)], _ target: Target
    ) throws {
        var reason: String?
        var isSolved = false
        for client in clients {
            var takesSources = true
            while true {
                let resolver = Resolver(
                    view: client.view, group: group, order: client.order, takesSources: takesSources,
                    takesPreReleases: request.takesPreReleases, checkCancellation: checkCancellation)
                var pins: [Resolver.Pin] = []
                switch try resolver.run() {
                case .solved(let found):
                    pins = found
                    isSolved = true
                case .failed(let why): reason = reason ?? why
                }
                for pin in pins { try keep(pin.file, pin.why, target) }
                guard takesSources, pins.contains(where: \.file.isSource) else { break }
                takesSources = false
            }
        }
        if let reason, !isSolved, request.latest != nil {
            unsolved.append(ClosureResult.Unsolved(places: group.roots.map(\.place), reason: reason, target: target))
        }
    }

    private mutating func keep(_ file: ClosureFile, _ why: [String], _ target: Target) throws {
        let key = FileKey(project: file.project, filename: file.filename)
        if kept[key] == nil { kept[key] = ClosureResult.Kept(file: file, why: why) }
        guard file.isSource else { return }
        if let needed = try knowledge.dependencies(of: file)?.buildRequirements {
            builds.add(needed, why: why, file: file, target: target)
        } else {
            unmet.append(
                ClosureResult.Unmet(
                    requirement: file.filename, neededBy: why, reason: "what it needs to be built is not known",
                    target: target))
        }
    }

    private func result() -> ClosureResult {
        var result = ClosureResult()
        result.kept = kept.values.sorted {
            ($0.file.project, $0.file.version, $0.file.filename) < ($1.file.project, $1.file.version, $1.file.filename)
        }
        var seen: Set<ClosureResult.Unmet> = []
        result.unmet = unmet.filter { seen.insert($0).inserted }
        result.doubtful = doubtful.filter { seen.insert($0).inserted }
        var told: Set<ClosureResult.Unsolved> = []
        result.unsolved = unsolved.filter { told.insert($0).inserted }
        result.failures = knowledge.failures
        return result
    }
}

/// What source distributions need to be built: each list a group of its own, once for each target.
private struct BuildQueue {
    private var seen: Set<String> = []
    private var waiting: [(ClosureGroup, Target)] = []

    /// Lists of build requirements that one closure may lead to.
    static let limit = 100_000

    mutating func add(_ requirements: [Requirement], why: [String], file: ClosureFile, target: Target) {
        let texts = requirements.map(\.description).sorted()
        guard seen.insert("\(target) \(texts.joined(separator: "\n"))").inserted else { return }
        let place = (why + ["building \(file.filename)"]).joined(separator: "; ")
        waiting.append((ClosureGroup(roots: requirements.map { ClosureGroup.Root($0, place: place) }), target))
    }

    mutating func next() throws -> (ClosureGroup, Target)? {
        guard seen.count <= BuildQueue.limit else {
            throw ChantalError(.tooLarge, "building leads to more than \(BuildQueue.limit) lists of requirements")
        }
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }
}

extension ClosureResult.Unmet {
    /// What it is, whatever the reason.
    fileprivate var path: [String] { neededBy + [requirement] }

    /// The target as it was asked for.
    fileprivate func on(_ target: Target) -> ClosureResult.Unmet {
        ClosureResult.Unmet(requirement: requirement, neededBy: neededBy, reason: reason, target: target)
    }
}
