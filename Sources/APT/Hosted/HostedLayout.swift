import Basics
import Mirroring

/// What a section says of a hosted repository's parts.
struct HostedDivision {
    let suites: [String]
    let components: [String]
    /// Nil: whatever is added.
    let architectures: [String]?
    let hasSources: Bool
    let namesSuites: Bool
    let namesComponents: Bool

    /// Where the configuration names none.
    static let suite = "stable"
    static let component = "main"

    init(_ section: RepositorySection) {
        let suites = section.value(ArchiveSettings.suites).map(\.name)
        namesSuites = !suites.isEmpty
        self.suites = suites.isEmpty ? [HostedDivision.suite] : suites
        if case .only(let list) = section.value(ArchiveSettings.components), !list.isEmpty {
            components = list
            namesComponents = true
        } else {
            components = [HostedDivision.component]
            namesComponents = false
        }
        if case .only(let list) = section.value(ArchiveSettings.architectures) {
            architectures = list
        } else {
            architectures = nil
        }
        hasSources = section.value(ArchiveSettings.sources)
    }

    /// - Throws: ``ChantalError`` `usage` for a suite or component to add to that the repository cannot have.
    func check(_ revision: Revision) throws {
        if let suite = revision.suite, !revision.uploads.isEmpty {
            if namesSuites, !suites.contains(suite) { throw unknown("suite", suite, suites) }
            guard !(try Suite(suite).isFlat) else {
                throw ChantalError(.usage, "a hosted repository has no flat suites as '\(suite)'")
            }
            guard ArchiveToken.isComponent(suite) else {
                throw ChantalError(.usage, "'\(suite)' is no name of a suite")
            }
        }
        if let component = revision.component, !revision.uploads.isEmpty {
            if namesComponents, !components.contains(component) { throw unknown("component", component, components) }
            guard ArchiveToken.isComponent(component) else {
                throw ChantalError(.usage, "'\(component)' is no name of a component")
            }
        }
    }

    private func unknown(_ what: String, _ name: String, _ known: [String]) -> ChantalError {
        ChantalError(
            .usage, "the repository has no \(what) '\(name)'",
            hint: "its '\(what)s': \(known.joined(separator: ", "))")
    }

    /// - Throws: ``ChantalError`` `config` for a package of an architecture that the configuration does not name.
    func check(architecture: String) throws {
        guard let architectures, architecture != "all", !architectures.contains(architecture) else { return }
        throw ChantalError(
            .malformed,
            "it is for '\(architecture)', and the repository is for \(architectures.joined(separator: ", "))",
            hint: "add it to 'architectures' in the configuration")
    }
}

/// The suites, components and indices that a hosted repository has: those of the configuration, and of the packages that are there.
struct HostedLayout {
    struct Index {
        let name: String
        let kind: IndexKind
        /// Nil for Sources.
        let architecture: String?

        func holds(_ package: HostedPackage) -> Bool {
            guard package.kind == kind else { return false }
            guard let architecture else { return true }
            return package.identity.architecture == architecture || package.identity.architecture == "all"
        }
    }

    private(set) var suites: [String]
    private(set) var components: [String]
    /// Without `all`.
    private(set) var architectures: [String]
    /// In each component.
    private(set) var indices: [Index] = []
    /// Whether packages for all architectures have no index of their own: where the configuration names architectures, they stand in that
    /// of each. Otherwise nobody knows which will come to read, and they have one as well.
    let hidesAll: Bool
    private(set) var warnings: [String] = []

    init(_ division: HostedDivision, _ shelf: PackageShelf) {
        suites = division.suites
        components = division.components
        architectures = (division.architectures ?? []).filter { $0 != "all" }
        hidesAll = !architectures.isEmpty
        func add(_ what: String, _ present: Set<String>, to known: inout [String], isOpen: Bool) {
            let other = present.subtracting(known).sorted()
            known += other
            if isOpen || other.isEmpty { return }
            warnings.append(
                "the repository holds packages of \(other.map { "'\($0)'" }.joined(separator: ", ")), which the configuration does not name under '\(what)': they stay until they are removed"
            )
        }
        add("suites", Set(shelf.packages.map(\.suite)), to: &suites, isOpen: !division.namesSuites)
        add("components", Set(shelf.packages.map(\.component)), to: &components, isOpen: !division.namesComponents)
        let binary = shelf.packages.lazy.filter { $0.kind != .sources }.map(\.identity.architecture)
        add(
            "architectures", Set(binary).subtracting(["all"]), to: &architectures,
            isOpen: division.architectures == nil)
        let all = architectures + (hidesAll ? [] : ["all"])
        indices = all.map { Index(name: "binary-\($0)/Packages", kind: .packages, architecture: $0) }
        if shelf.packages.contains(where: { $0.kind == .udebPackages }) {
            indices += all.map {
                Index(name: "debian-installer/binary-\($0)/Packages", kind: .udebPackages, architecture: $0)
            }
        }
        if division.hasSources || shelf.packages.contains(where: { $0.kind == .sources }) {
            indices.append(Index(name: "source/Sources", kind: .sources, architecture: nil))
        }
    }
}
