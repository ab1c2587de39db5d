import Basics
import Store
import YAML

/// Makes a configuration of what was read, and tests the rules between keys.
struct ConfigurationBuilder {
    private let ecosystems: [EcosystemDeclaration]
    private let declarations: [String: SectionDeclaration]
    private let diagnostics: Diagnostics

    init(ecosystems: [EcosystemDeclaration], diagnostics: Diagnostics) {
        self.ecosystems = ecosystems
        self.diagnostics = diagnostics
        declarations = Dictionary(
            ecosystems.map { ($0.type, $0.repositoryDeclaration) }, uniquingKeysWith: { first, _ in first })
    }

    /// What the global keys give to every repository.
    private struct Globals {
        let network: SectionValues
        let retention: SectionValues
        let signing: SigningSettings?
        let signingLocation: SourceLocation
    }

    /// - Returns: nil if the keys at the top could not be read at all; otherwise as good as can be made, errors apart.
    func build(_ read: ConfigurationReader) -> Configuration? {
        guard let root = read.root else { return nil }
        let globals = Globals(
            network: root.value(RootSettings.network)
                ?? NetworkSettings.defaults,
            retention: root.value(RootSettings.retention)
                ?? RetentionSettings.defaults,
            signing: root.value(RootSettings.signing).flatMap(SigningSettings.init),
            signingLocation: root.location(of: RootSettings.signing.name))
        if root.isGiven(RootSettings.signing), globals.signing == nil, !hasErrors(in: globals.signingLocation.file) {
            diagnostics.add(globals.signingLocation.error("'signing' needs 'key', a fingerprint"))
        }
        var names: [String: SourceLocation] = [:]
        let repositories = read.repositories.compactMap { named -> RepositorySection? in
            guard isNew(named, "repository", &names) else { return nil }
            return repository(named, globals)
        }
        let known = Set(read.repositories.map(\.entry.key))
        let viewNames = Set(read.views.map(\.entry.key))
        let views = read.views.compactMap { named -> ViewSection? in
            guard isNew(named, "view", &names) else { return nil }
            return view(named, globals, repositories, known: known, viewNames: viewNames)
        }
        guard let storePath = root.value(RootSettings.store) else {
            if !root.isGiven(RootSettings.store), !hasErrors(in: root.location.file) {
                diagnostics.add(root.location.error("the key 'store' is missing", hint: "store: /var/lib/chantal"))
            }
            return nil
        }
        return Configuration(
            path: read.path, files: read.files, storePath: storePath, network: NetworkSettings(globals.network),
            minFree: root.value(RootSettings.minFree), signing: globals.signing,
            bundleKeyring: root.value(RootSettings.bundleKeyring) ?? [],
            retention: RetentionSettings(globals.retention), repositories: repositories, views: views, root: root)
    }

    /// A key that could not be read counts as absent; then it would be wrong to call it missing.
    private func hasErrors(in file: String) -> Bool { diagnostics.errors.contains { $0.path == file } }

    private func isNew(_ named: ConfigurationReader.Named, _ what: String, _ names: inout [String: SourceLocation])
        -> Bool
    {
        let name = named.entry.key
        if let first = names[name] {
            diagnostics.add(named.location.error("the name '\(name)' is taken already at \(first)"))
            return false
        }
        names[name] = named.location
        if StoreNames.isRepository(name) { return true }
        diagnostics.add(
            named.location.error(
                "'\(name)' is no name for a \(what)",
                hint: "up to 64 of a-z, 0-9, '.', '_' and '-', a letter or digit first"))
        return false
    }

    private func repository(_ named: ConfigurationReader.Named, _ globals: Globals) -> RepositorySection? {
        let (name, node, context) = (named.entry.key, named.entry.value, named.context)
        guard node.entries != nil else {
            diagnostics.add(context.error(node, "expected a mapping with the keys of repository '\(name)'"))
            return nil
        }
        guard let ecosystem = ecosystem(of: named), let declaration = declarations[ecosystem.type] else { return nil }
        let errors = diagnostics.errors.count
        let values = declaration.read(node, context, diagnostics, ignoring: [CommonSettings.typeName])
        guard diagnostics.errors.count == errors else { return nil }
        var section: RepositorySection?
        diagnostics.collect {
            section = try RepositorySection(
                name: name, ecosystem: ecosystem, location: named.location, values: values,
                network: globals.network, retention: globals.retention, signing: globals.signing)
        }
        guard let section else { return nil }
        for problem in problems(of: section, ecosystem) + ecosystem.check(section) {
            diagnostics.add(
                values.location(of: problem.key, or: named.location).error(
                    "repository \(name): \(problem.message)", hint: problem.hint))
        }
        return section
    }

    private func ecosystem(of named: ConfigurationReader.Named) -> EcosystemDeclaration? {
        let types = ecosystems.map(\.type)
        guard let node = named.entry.value[CommonSettings.typeName] else {
            diagnostics.add(
                named.location.error(
                    "repository \(named.entry.key) has no 'type'", hint: "types: \(types.joined(separator: ", "))"))
            return nil
        }
        var found: EcosystemDeclaration?
        diagnostics.collect {
            let type = try named.context.text(node, expected: "a type")
            found = ecosystems.first { $0.type == type }
            if found == nil {
                let near = NearName.of(node.text ?? "", among: types).map { "did you mean '\($0)'?" }
                throw named.context.error(
                    node, "'\(node.text ?? "")' is no type of repository",
                    hint: near ?? "types: \(types.joined(separator: ", "))")
            }
        }
        return found
    }

    private func problems(of section: RepositorySection, _ ecosystem: EcosystemDeclaration) -> [SettingProblem] {
        if section.isHosted, !ecosystem.canBeHosted {
            return [
                SettingProblem("there is no upstream", hint: "keys: \(ecosystem.upstreamKeys.joined(separator: ", "))")
            ]
        }
        if section.isHosted, section.filter != nil {
            return [
                SettingProblem(
                    key: CommonSettings.filter.name, "a hosted repository holds what is added to it",
                    hint: "'filter' is for repositories with an upstream")
            ]
        }
        guard ecosystem.signsMetadata, section.isRegenerated, section.value(CommonSettings.sign), section.signing == nil
        else { return [] }
        let why = section.filter == nil ? "a hosted repository" : "a filtered repository"
        return [
            SettingProblem(
                key: CommonSettings.filter.name, "\(why) is signed with your key, and there is no 'signing.key'",
                hint: "name a key under 'signing', or say 'sign: false' here")
        ]
    }

    /// The keys of a view. Those of its filter are those of its members' type; where that is not known, its filter is not read.
    private func viewValues(_ named: ConfigurationReader.Named, _ repositories: [RepositorySection]) -> SectionValues {
        let (node, filter) = (named.entry.value, CommonSettings.filter.name)
        let members = ViewSection.declaration.read(node, named.context, Diagnostics(), ignoring: [filter])
            .value(ViewSection.ofSetting)
        let type = members.lazy.compactMap { member in repositories.first { $0.name == member }?.type }.first
        guard let ecosystem = ecosystems.first(where: { $0.type == type }) else {
            return ViewSection.declaration.read(node, named.context, diagnostics, ignoring: [filter])
        }
        return ViewSection.declaration(of: ecosystem).read(node, named.context, diagnostics)
    }

    private func view(
        _ named: ConfigurationReader.Named, _ globals: Globals, _ repositories: [RepositorySection], known: Set<String>,
        viewNames: Set<String>
    ) -> ViewSection? {
        let name = named.entry.key
        let values = viewValues(named, repositories)
        let members = values.value(ViewSection.ofSetting)
        guard values.isGiven(ViewSection.ofSetting) || named.entry.value.entries == nil else {
            diagnostics.add(named.location.error("view \(name) has no 'of'", hint: "of: [a, b]"))
            return nil
        }
        let place = values.location(of: ViewSection.ofSetting.name, or: named.location)
        if members.isEmpty { diagnostics.add(place.error("view \(name) has no members")) }
        for member in members where !known.contains(member) {
            let near =
                viewNames.contains(member)
                ? "a view is made of repositories, not of other views"
                : NearName.of(member, among: known.sorted()).map { "did you mean '\($0)'?" }
            diagnostics.add(place.error("view \(name): there is no repository '\(member)'", hint: near))
        }
        if Set(members).count < members.count {
            diagnostics.add(place.error("view \(name) names a repository twice"))
        }
        let sections = members.compactMap { member in repositories.first { $0.name == member } }
        guard let first = sections.first, sections.count == members.count else { return nil }
        if let other = sections.first(where: { $0.type != first.type }) {
            diagnostics.add(
                place.error(
                    "view \(name) mixes types: \(first.name) is \(first.type), \(other.name) is \(other.type)"))
            return nil
        }
        guard let ecosystem = ecosystems.first(where: { $0.type == first.type }),
            let declaration = declarations[first.type]
        else { return nil }
        if ecosystem.signsMetadata, values.value(CommonSettings.sign), globals.signing == nil {
            diagnostics.add(
                named.location.error(
                    "view \(name): a view is signed with your key, and there is no 'signing.key'",
                    hint: "name a key under 'signing', or say 'sign: false' here"))
        }
        var section: RepositorySection?
        diagnostics.collect {
            let own = SectionValues(declaration: declaration, location: values.location).inheriting(values)
            section = try RepositorySection(
                name: name, ecosystem: ecosystem, location: named.location, values: own, network: globals.network,
                retention: globals.retention, signing: globals.signing, members: members)
        }
        for problem in section.map(ecosystem.check) ?? [] {
            diagnostics.add(
                values.location(of: problem.key, or: named.location).error(
                    "view \(name): \(problem.message)", hint: problem.hint))
        }
        return section.map {
            ViewSection(
                name: name, type: first.type, location: named.location, members: members, section: $0, values: values)
        }
    }
}
