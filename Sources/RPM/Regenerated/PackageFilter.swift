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
    private var constraints: [String: VersionConstraint] = [:]

    /// - Parameters:
    ///   - comps: the groups that there are.
    ///   - modules: the streams that there are.
    /// - Throws: ``ChantalError`` `not_found` for a group or module that upstream does not have.
    init(_ section: RepositorySection, comps: Comps?, modules: ModuleFile?) throws {
        rules = section.filterRules
        takesSources = section.value(RPMSettings.sources)
        takesDebug = section.filter?.value(RPMSettings.debug) ?? true
        groupPackages = try PackageFilter.packages(of: section.filter?.value(RPMSettings.groups) ?? [], comps)
        let choice = StreamChoice(section)
        if let modules {
            try choice.check(modules)
            let selection = try ModuleSelection([modules], keeping: choice.takes)
            droppedArtifacts = selection.droppedArtifacts
            modularArtifacts = selection.keptArtifacts.union(selection.droppedArtifacts)
            chosenArtifacts = choice.isAll ? [] : selection.keptArtifacts
        } else {
            if !choice.isAll {
                throw ChantalError(
                    .notFound, "'modules' names streams, and upstream has no modules",
                    hint: "leave 'modules' out of the filter")
            }
            (droppedArtifacts, modularArtifacts, chosenArtifacts) = ([], [], [])
        }
    }

    private static func packages(of groups: [String], _ comps: Comps?) throws -> Set<String>? {
        if groups.isEmpty { return nil }
        var result: Set<String> = []
        for group in groups {
            let name = group.hasPrefix("@") ? String(group.dropFirst()) : group
            guard let packages = comps?.packages(of: name) else {
                let known = comps?.groups.map(\.id) ?? []
                let near = NearName.of(name, among: known).map { "did you mean '\($0)'? " } ?? ""
                throw ChantalError(
                    .notFound, "upstream has no group '\(name)'",
                    hint: known.isEmpty
                        ? "it has no comps at all" : near + "it has: " + known.prefix(50).joined(separator: ", "))
            }
            result.formUnion(packages)
        }
        return result
    }

    func isModular(_ nevra: String) -> Bool { modularArtifacts.contains(nevra) }

    var knowsModules: Bool { !modularArtifacts.isEmpty }

    /// Whether a package is taken; `nevra` is asked for only where there are modules.
    func takes(_ package: PrimaryPackage, evr: EVR, nevra: @autoclosure () -> String) throws -> Bool {
        guard takesArchitecture(package), rules.takes(size: package.size), takesDebug || !PackageFilter.isDebug(package)
        else { return false }
        let nevra = knowsModules ? nevra() : ""
        if droppedArtifacts.contains(nevra) { return false }
        return try package.with(.name) { name in
            guard let name else { return false }
            if try contains(rules.exclude, name, evr) { return false }
            if rules.include.isEmpty, groupPackages == nil { return true }
            if try contains(rules.include, name, evr) { return true }
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

    private func contains(_ patterns: [NamePattern], _ name: UnsafeRawBufferPointer, _ evr: EVR) throws -> Bool {
        for pattern in patterns where pattern.matches(name: name) {
            guard let text = pattern.constraint else { return true }
            let constraint = try constraints[text] ?? VersionConstraint(parsing: text)
            constraints[text] = constraint
            if constraint.allows(evr) { return true }
        }
        return false
    }
}

/// The streams that `modules` names.
struct StreamChoice {
    private let choices: [ModuleChoice]

    init(_ section: RepositorySection) { choices = section.filter?.value(RPMSettings.modules) ?? [] }

    var isAll: Bool { choices.isEmpty }

    func takes(_ module: String, _ stream: String) -> Bool {
        isAll || choices.contains { $0.name == module && ($0.stream == nil || $0.stream == stream) }
    }

    /// - Throws: ``ChantalError`` `not_found` for a choice that no stream is.
    func check(_ file: ModuleFile) throws {
        let streams = file.documents.filter { $0.kind == .stream }
        for choice in choices
        where !streams.contains(where: {
            $0.module == choice.name && (choice.stream == nil || choice.stream == $0.stream)
        }) {
            let known = Set(streams.map { "\($0.module):\($0.stream)" }).sorted()
            let near = NearName.of(choice.text, among: known).map { "did you mean '\($0)'? " } ?? ""
            throw ChantalError(
                .notFound, "upstream has no module stream '\(choice.text)'",
                hint: near + "it has: " + known.prefix(50).joined(separator: ", "))
        }
    }
}
