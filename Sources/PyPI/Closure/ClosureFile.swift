import Basics

/// A distribution file that may be taken, as an index offers it.
public struct ClosureFile: Sendable {
    public let project: ProjectName
    public let filename: String
    public let version: Version
    /// Nil for a source distribution.
    public let wheel: WheelFilename?
    public let requiresPython: RequiresPython?
    public let isYanked: Bool
    public let checksums: [Checksum]

    /// Nil for a file that no present client takes: of an old format, or with a name or version that is none.
    /// - Parameter requiresPython: as the index has it.
    public init?(
        _ filename: String, of project: ProjectName, requiresPython: RequiresPython? = nil, isYanked: Bool = false,
        checksums: [Checksum] = []
    ) {
        guard let name = DistributionFilename(filename, of: project) else { return nil }
        if case .legacy = name.kind { return nil }
        self.project = project
        self.filename = filename
        version = name.version
        wheel = name.wheel
        self.requiresPython = requiresPython
        self.isYanked = isYanked
        self.checksums = checksums
    }

    public var isSource: Bool { wheel == nil }
}

/// What a distribution file needs.
public struct FileDependencies: Sendable {
    /// Requires-Dist; what cannot be read is no requirement to clients either.
    public let requirements: [Requirement]
    /// What a source distribution needs to be built (`build-system.requires` of pyproject.toml, PEP 518); nil if nobody knows.
    public let buildRequirements: [Requirement]?

    public init(requirements: [Requirement], buildRequirements: [Requirement]? = nil) {
        self.requirements = requirements
        self.buildRequirements = buildRequirements
    }
}

/// Where the closure learns what there is. Asked in batches, so that many answers can be on their way at once.
public protocol ClosureProvider: AnyObject {
    /// The files of each project that may be taken, after all filters; empty for an unknown project.
    func files(of projects: [ProjectName]) throws -> [Result<[ClosureFile], ChantalError>]
    /// What each file needs.
    func dependencies(of files: [ClosureFile]) throws -> [Result<FileDependencies, ChantalError>]
}

/// Requirements that are installed together: a requirements file, a single name of the configuration.
public struct ClosureGroup: Sendable {
    public struct Root: Sendable {
        public let requirement: Requirement
        /// If there are any, the file has to have one of them.
        public let hashes: [Checksum]
        /// Where it stands, for people.
        public let place: String

        public init(_ requirement: Requirement, hashes: [Checksum] = [], place: String) {
            self.requirement = requirement
            self.hashes = hashes
            self.place = place
        }
    }

    public let roots: [Root]
    /// They take nothing in, but bound what others ask for.
    public let constraints: [Requirement]

    public init(roots: [Root], constraints: [Requirement] = []) {
        self.roots = roots
        self.constraints = constraints
    }

    public init(_ file: RequirementsFile) {
        roots = file.requirements.map { Root($0.requirement, hashes: $0.hashes, place: $0.place) }
        constraints = file.constraints.map(\.requirement)
    }
}

/// What the closure is to do.
public struct ClosureRequest: Sendable {
    public var groups: [ClosureGroup]
    public var targets: [Target]
    /// Newest versions to take of what requirements allow; nil takes all.
    public var latest: Int?
    /// Whether pre-releases count like all others; by default only where they are asked for, or where there is nothing else.
    public var takesPreReleases: Bool

    public init(groups: [ClosureGroup], targets: [Target], latest: Int? = nil, takesPreReleases: Bool = false) {
        self.groups = groups
        self.targets = targets
        self.latest = latest
        self.takesPreReleases = takesPreReleases
    }
}

/// What the closure found.
public struct ClosureResult: Sendable {
    public struct Kept: Sendable {
        public let file: ClosureFile
        /// The requirements that brought it in, from the root on.
        public let why: [String]
    }

    /// A requirement that nothing offered satisfies.
    public struct Unmet: Sendable, Hashable {
        public let requirement: String
        /// Who needs it, from the root on.
        public let neededBy: [String]
        public let reason: String
        public let target: Target
    }

    /// Requirements that cannot be installed together on a target.
    public struct Unsolved: Sendable, Hashable {
        public let places: [String]
        public let reason: String
        public let target: Target
    }

    /// By project, version and file name; none twice.
    public internal(set) var kept: [Kept] = []
    public internal(set) var unmet: [Unmet] = []
    /// What is met only for clients that pass over the upper bound of Requires-Python, as uv does.
    public internal(set) var doubtful: [Unmet] = []
    public internal(set) var unsolved: [Unsolved] = []
    /// What could not be asked for or read, each once.
    public internal(set) var failures: [ChantalError] = []
}
