import Basics

/// A configuration, read and checked.
public struct Configuration: Sendable {
    /// The file it was asked for, absolute.
    public let path: String
    /// All files it was read from, absolute, in order.
    public let files: [String]
    /// Absolute.
    public let storePath: String
    public let network: NetworkSettings
    /// Bytes that a sync leaves free; nil if it does not matter.
    public let minFree: Int64?
    public let signing: SigningSettings?
    /// Public keys, one of which must have signed a bundle that is imported; none if bundles need no signature.
    public let bundleKeyring: [String]
    public let retention: RetentionSettings
    /// In the order of the files.
    public let repositories: [RepositorySection]
    public let views: [ViewSection]
    let root: SectionValues

    /// Reads a configuration.
    /// - Parameters:
    ///   - path: as the user named it; messages name it so.
    ///   - ecosystems: the types that repositories may have.
    ///   - environment: for `${NAME}`.
    /// - Throws: ``ChantalError`` `config`, `FILE:LINE:COLUMN: …`: the first problem; ``check(path:ecosystems:environment:)`` has all.
    public static func load(
        path: String, ecosystems: [EcosystemDeclaration], environment: [String: String]
    ) throws -> Configuration {
        let (configuration, errors) = check(path: path, ecosystems: ecosystems, environment: environment)
        if var first = errors.first {
            if errors.count > 1 {
                let more = "`chantal config check` shows \(errors.count - 1) more"
                first.hint = first.hint.map { "\($0); \(more)" } ?? more
            }
            throw first
        }
        guard let configuration else { throw ChantalError(.bug, "\(path) was read to no result", path: path) }
        return configuration
    }

    /// Reads a configuration and tells everything that is wrong with it; files it refers to are not looked at.
    /// - Returns: no configuration if there are errors.
    public static func check(
        path: String, ecosystems: [EcosystemDeclaration], environment: [String: String]
    ) -> (configuration: Configuration?, errors: [ChantalError]) {
        let diagnostics = Diagnostics()
        var reader = ConfigurationReader(environment: environment, diagnostics: diagnostics)
        reader.readMain(path)
        let builder = ConfigurationBuilder(ecosystems: ecosystems, diagnostics: diagnostics)
        let configuration = builder.build(reader)
        return (diagnostics.errors.isEmpty ? configuration : nil, diagnostics.errors)
    }

    /// The file to read: `--config`, `$CHANTAL_CONFIG`, `./chantal.yaml`, `$XDG_CONFIG_HOME/chantal/chantal.yaml`
    /// (`~/.config` if it is not set), `/etc/chantal/chantal.yaml`.
    /// - Throws: ``ChantalError`` `config` if there is none, or not the one that was named.
    public static func locate(explicit: String?, environment: [String: String]) throws -> String {
        func named(_ path: String, by what: String) throws -> String {
            if ConfigurationFiles.exists(path) { return path }
            throw ChantalError(
                .config, "there is no configuration file '\(path)'", hint: "\(what) names it", path: path)
        }
        if let explicit { return try named(explicit, by: "--config") }
        if let path = environment["CHANTAL_CONFIG"], !path.isEmpty { return try named(path, by: "$CHANTAL_CONFIG") }
        var places = ["chantal.yaml"]
        if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") {
            places.append("\(base)/chantal/chantal.yaml")
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            places.append("\(home)/.config/chantal/chantal.yaml")
        }
        places.append("/etc/chantal/chantal.yaml")
        if let found = places.first(where: ConfigurationFiles.exists) { return found }
        throw ChantalError(
            .config, "there is no configuration file; looked for \(places.joined(separator: ", "))",
            hint: "`chantal init` writes one, `--config FILE` names one")
    }

    /// Repositories and views: whatever has generations of its own. In the order of the files, views last.
    public var sections: [RepositorySection] { repositories + views.map(\.section) }

    /// The repository or view of a name; nil if the configuration has none.
    public subscript(name: String) -> RepositorySection? { sections.first { $0.name == name } }

    /// The repository or view of a name.
    /// - Throws: ``ChantalError`` `usage`, with a near name.
    public func section(named name: String) throws -> RepositorySection {
        if let found = self[name] { return found }
        let near = NearName.of(name, among: sections.map(\.name)).map { "did you mean '\($0)'?" }
        throw ChantalError(.usage, "there is no repository '\(name)' in \(path)", hint: near, path: path)
    }

    /// The repository of a name.
    /// - Throws: ``ChantalError`` `usage`, with a near name.
    public func repository(named name: String) throws -> RepositorySection {
        if let found = repositories.first(where: { $0.name == name }) { return found }
        if let view = views.first(where: { $0.name == name }) {
            throw ChantalError(
                .usage, "'\(name)' is a view",
                hint: "it holds what its members hold: \(view.members.joined(separator: ", "))",
                path: path)
        }
        let near = NearName.of(name, among: repositories.map(\.name)).map { "did you mean '\($0)'?" }
        throw ChantalError(.usage, "there is no repository '\(name)' in \(path)", hint: near, path: path)
    }

    /// What is wrong with the files that the configuration refers to: keyrings, certificates, secrets.
    public func checkFiles() -> [ChantalError] {
        var seen: Set<String> = []
        let own = root.files(except: [RootSettings.store.name, RootSettings.include.name])
        return (own + repositories.flatMap { $0.values.files() }).compactMap { file in
            guard seen.insert("\(file.location) \(file.path)").inserted, !ConfigurationFiles.isReadable(file.path)
            else {
                return nil
            }
            let exists = ConfigurationFiles.exists(file.path)
            return file.location.error(exists ? "'\(file.path)' is not readable" : "there is no file '\(file.path)'")
        }
    }
}

/// Several repositories of one type served as one.
public struct ViewSection: Sendable {
    public let name: String
    /// The type of all members.
    public let type: String
    public let location: SourceLocation
    /// Names of repositories, in order.
    public let members: [String]
    /// The same as a repository: with the keys of its type, of which a view gives a few.
    public let section: RepositorySection
    let values: SectionValues

    static let ofSetting = Setting<[String]>(
        "of", .list(of: .text), default: [], example: "[rocky9, epel9]", isEssential: true,
        summary:
            "the repositories, all of one type; the first that has a package under a name and version is the one it is taken from"
    )

    private static let filterSetting = Setting<SectionValues?>(
        CommonSettings.filter.name, .section(FilterSettings.declaration),
        example: "{include: [nginx], dependencies: true}",
        summary:
            "selects among the packages of all members, with the keys that `filter` has for their type; `dependencies` looks into all of them, but is not for indexes of Python packages"
    )

    public static let declaration = SectionDeclaration(
        name: "view", summary: "Several repositories of one type served as one, with metadata written anew.",
        settings: [
            ofSetting, CommonSettings.sign, CommonSettings.publicURL, CommonSettings.retention, filterSetting,
        ])

    /// Every key of a view whose members are of one type.
    static func declaration(of ecosystem: EcosystemDeclaration) -> SectionDeclaration {
        declaration.overridden(by: [CommonSettings.filter(ecosystem.filterDeclaration)])
    }
}

/// The keys at the top of the file.
enum RootSettings {
    static let include = Setting<[IncludePattern]>(
        "include", .oneOrMore(.include), default: [], defaultText: "none",
        example: "conf.d/*.yaml", summary: "further files, by globs relative to this one; no key and no name twice")
    static let store = Setting<String?>(
        "store", .path, example: "/var/lib/chantal", isEssential: true,
        summary: "the directory that holds everything (required); `chantal init` makes it")
    static let network = Setting<SectionValues?>(
        "network", .section(NetworkSettings.declaration), example: "{}", summary: "how to reach upstreams")
    static let minFree = Setting<Int64?>(
        "min_free", .size, defaultText: "none", example: "5GB",
        summary: "a sync that would leave less space than this stops before it fetches")
    static let signing = Setting<SectionValues?>(
        "signing", .section(SigningSettings.declaration), example: "{}",
        summary: "the key that signs the metadata that chantal writes")
    static let bundleKeyring = Setting<[String]?>(
        "bundle_keyring", .oneOrMore(.path), defaultText: "none", example: "/etc/chantal/bundles.gpg",
        summary: "public keys, one of which must have signed a bundle before `chantal import` takes it")
    static let retention = Setting<SectionValues?>(
        "retention", .section(RetentionSettings.declaration), example: "{}", summary: "what is kept")

    static let repositoriesName = "repositories"
    static let viewsName = "views"

    static let declaration = SectionDeclaration(
        name: "chantal.yaml", summary: "The keys at the top.",
        settings: [store, include, network, minFree, signing, bundleKeyring, retention])
}
