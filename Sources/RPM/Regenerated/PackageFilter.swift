import Basics
import Mirroring

/// Which packages a filtered repository holds, as far as one alone can tell.
final class PackageFilter {
    let rules: FilterRules
    private let takesSources: Bool
    private let takesDebug: Bool
    /// Nil without `groups`.
    private let groupPackages: Set<String>?
    /// What belongs to streams that are named one by one.
    private let chosenArtifacts: Set<String>
    /// What belongs to streams that are dropped, and to no other.
    private let droppedArtifacts: Set<String>
    private let modularArtifacts: Set<String>
    private let streams: [String: String]
    /// Streams that clients see, or are meant to: those that are named one by one, else the default ones.
    let visibleStreams: [String]
    private var constraints: [String: VersionConstraint] = [:]

    private let notedGroups: [String]
    private let notedModules: [String]

    /// - Parameters:
    ///   - comps: the groups that there are.
    ///   - modules: the streams that there are.
    /// - Throws: ``ChantalError`` `not_found` for a group or module that upstream, or no member of the view, has.
    convenience init(_ section: RepositorySection, comps: Comps?, modules: ModuleFile?) throws {
        let owner = section.isView ? "the view" : "upstream"
        let groups = section.filter?.value(RPMSettings.groups) ?? []
        let choice = StreamChoice(section)
        if let modules {
            try choice.check(modules, of: owner)
        } else if !choice.isAll {
            throw ChantalError(
                .notFound, "'modules' names streams, and \(owner) has no modules",
                hint: "leave 'modules' out of the filter")
        }
        try self.init(
            rules: section.filterRules, sources: section.isView || section.value(RPMSettings.sources),
            debug: section.filter?.value(RPMSettings.debug) ?? true, groups: groups,
            groupPackages: PackageFilter.packages(of: groups, comps, owner: owner), choice: choice, modules: modules)
    }

    /// What a filter with `dependencies` asked for, by the notes of the state that it made; nil for another state.
    /// - Parameters:
    ///   - comps: the groups that the state has.
    ///   - modules: the streams that the state has.
    convenience init?(notes: [String: String], comps: Comps?, modules: ModuleFile?) throws {
        func list(_ name: String) -> [String] { (notes[name] ?? "").split(separator: "\n").map(String.init) }
        guard notes[NoteName.include] != nil else { return nil }
        let groups = list(NoteName.groups)
        try self.init(
            rules: FilterRules(include: try list(NoteName.include).map { try NamePattern($0) }), sources: true,
            debug: true, groups: groups,
            groupPackages: groups.isEmpty
                ? nil : Set(groups.flatMap { comps?.packages(of: PackageFilter.name(ofGroup: $0)) ?? [] }),
            choice: StreamChoice(list(NoteName.modules).compactMap { ModuleChoice($0) }), modules: modules)
    }

    /// What a state's record keeps of a filter with `dependencies`: from it, `show` finds out why a package is there.
    var notes: [String: String] {
        guard rules.dependencies else { return [:] }
        var notes = [NoteName.include: rules.include.map(\.text).joined(separator: "\n")]
        if !notedGroups.isEmpty { notes[NoteName.groups] = notedGroups.joined(separator: "\n") }
        if !notedModules.isEmpty { notes[NoteName.modules] = notedModules.joined(separator: "\n") }
        return notes
    }

    private enum NoteName {
        static let include = "include"
        static let groups = "groups"
        static let modules = "modules"
    }

    private static func name(ofGroup group: String) -> String {
        group.hasPrefix("@") ? String(group.dropFirst()) : group
    }

    private init(
        rules: FilterRules, sources: Bool, debug: Bool, groups: [String], groupPackages: Set<String>?,
        choice: StreamChoice, modules: ModuleFile?
    ) throws {
        self.rules = rules
        takesSources = sources
        takesDebug = debug
        self.groupPackages = groupPackages
        notedGroups = groups
        notedModules = choice.texts
        if let modules {
            let selection = try ModuleSelection([modules], keeping: choice.takes)
            droppedArtifacts = selection.droppedArtifacts
            modularArtifacts = selection.keptArtifacts.union(selection.droppedArtifacts)
            chosenArtifacts = choice.isAll ? [] : selection.keptArtifacts
            streams = modules.streamsByArtifact.compactMapValues { names in
                names.first { name in
                    let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                    return parts.count == 2 && choice.takes(String(parts[0]), String(parts[1]))
                }
            }
            let defaults = modules.documents.filter { $0.kind == .defaults }.map { "\($0.module):\($0.stream)" }
            visibleStreams = choice.isAll ? defaults : selection.streams
        } else {
            (droppedArtifacts, modularArtifacts, chosenArtifacts) = ([], [], [])
            (streams, visibleStreams) = ([:], [])
        }
    }

    private static func packages(of groups: [String], _ comps: Comps?, owner: String) throws -> Set<String>? {
        if groups.isEmpty { return nil }
        var result: Set<String> = []
        for group in groups {
            let name = name(ofGroup: group)
            guard let packages = comps?.packages(of: name) else {
                let known = comps?.groups.map(\.id) ?? []
                let near = NearName.of(name, among: known).map { "did you mean '\($0)'? " } ?? ""
                throw ChantalError(
                    .notFound, "\(owner) has no group '\(name)'",
                    hint: known.isEmpty
                        ? "it has no comps at all" : near + "it has: " + known.prefix(50).joined(separator: ", "))
            }
            result.formUnion(packages)
        }
        return result
    }

    func isModular(_ nevra: String) -> Bool { modularArtifacts.contains(nevra) }

    /// `nodejs:18`; nil for what is no part of a module.
    func stream(of nevra: String) -> String? { streams[nevra] }

    var knowsModules: Bool { !modularArtifacts.isEmpty }

    /// Whether a package is there at all, to be asked for or to be needed.
    /// - Parameter nevra: empty where there are no modules.
    func leavesOut(_ package: PrimaryPackage, evr: EVR, nevra: String) throws -> Bool {
        guard takesArchitecture(package), rules.takes(size: package.size),
            takesDebug || !PackageFilter.isDebug(package), !droppedArtifacts.contains(nevra)
        else { return true }
        return try package.with(.name) { name in
            guard let name else { return true }
            return try rules.leavesOut(name: name) { try allows(evr, $0) }
        }
    }

    /// Takes note of a package that ``leavesOut(_:evr:nevra:)`` leaves out: a pattern that matches it is not misspelt.
    func noteLeftOut(_ package: PrimaryPackage, evr: EVR) throws {
        if rules.isEachMatched { return }
        try package.with(.name) { name in
            guard let name else { return }
            _ = try rules.includes(name: name) { try allows(evr, $0) }
        }
    }

    /// Whether a package that is there is asked for.
    func asksFor(_ package: PrimaryPackage, evr: EVR, nevra: String) throws -> Bool {
        try package.with(.name) { name in
            guard let name else { return false }
            if rules.include.isEmpty, groupPackages == nil { return true }
            if try rules.includes(name: name, satisfies: { try allows(evr, $0) }) { return true }
            if !chosenArtifacts.isEmpty, chosenArtifacts.contains(nevra) { return true }
            return groupPackages?.contains(name.text) ?? false
        }
    }

    private func takesArchitecture(_ package: PrimaryPackage) -> Bool {
        package.with(.architecture) { architecture in
            guard let architecture else { return false }
            if architecture.equals("src") || architecture.equals("nosrc") { return takesSources }
            guard let wanted = rules.architectures, !architecture.equals("noarch") else { return true }
            return wanted.contains { architecture.elementsEqual($0.utf8) }
        }
    }

    private static let debugEndings = ["-debuginfo", "-debugsource"].map { Array($0.utf8) }

    private static func isDebug(_ package: PrimaryPackage) -> Bool {
        package.with(.name) { name in
            guard let name else { return false }
            return debugEndings.contains { name.count > $0.count && name.suffix($0.count).elementsEqual($0) }
        }
    }

    private func allows(_ evr: EVR, _ text: String) throws -> Bool {
        let constraint = try constraints[text] ?? VersionConstraint(parsing: text)
        constraints[text] = constraint
        return constraint.allows(evr)
    }
}

/// The streams that `modules` names.
struct StreamChoice {
    private let choices: [ModuleChoice]

    init(_ choices: [ModuleChoice]) { self.choices = choices }

    init(_ section: RepositorySection) { self.init(section.filter?.value(RPMSettings.modules) ?? []) }

    var texts: [String] { choices.map(\.text) }

    var isAll: Bool { choices.isEmpty }

    func takes(_ module: String, _ stream: String) -> Bool {
        isAll || choices.contains { $0.name == module && ($0.stream == nil || $0.stream == stream) }
    }

    /// - Parameter owner: who has the modules.
    /// - Throws: ``ChantalError`` `not_found` for a choice that no stream is.
    func check(_ file: ModuleFile, of owner: String) throws {
        let streams = file.documents.filter { $0.kind == .stream }
        for choice in choices
        where !streams.contains(where: {
            $0.module == choice.name && (choice.stream == nil || choice.stream == $0.stream)
        }) {
            let known = Set(streams.map { "\($0.module):\($0.stream)" }).sorted()
            let near = NearName.of(choice.text, among: known).map { "did you mean '\($0)'? " } ?? ""
            throw ChantalError(
                .notFound, "\(owner) has no module stream '\(choice.text)'",
                hint: near + "it has: " + known.prefix(50).joined(separator: ", "))
        }
    }
}
