import Basics
import Mirroring

/// A suite of a view: the suites of one name of all members, each index with the stanzas of all.
struct SuiteUnion {
    let suite: Suite
    /// In the order of the members, at most one of each.
    private(set) var parts: [Part] = []
    /// Plain paths of the indices, relative to the Release file, in the order in which they first appear.
    private(set) var paths: [RepositoryPath] = []

    /// What a member has of the suite.
    struct Part {
        let member: ViewMember
        let release: ReleaseFile
        var indices: [Index]
    }

    /// An index of a member, in the form that is cheapest to decode.
    struct Index {
        /// Plain, relative to the Release file.
        let path: RepositoryPath
        let name: IndexName
        let source: PublishedSuites.Form
        /// The stanzas that are taken, in their order; of Packages and Sources.
        var kept: [UnitedStanza] = []
    }

    init(_ suite: Suite) { self.suite = suite }

    mutating func add(_ part: Part) {
        parts.append(part)
        for index in part.indices where !paths.contains(index.path) { paths.append(index.path) }
    }

    /// Decides which stanzas the members give, each package once, and takes them.
    mutating func take(_ packages: inout UnitedPackages) throws {
        try decide(&packages) { packages, stanza, isSource, file in
            try packages.take(stanza, isSource: isSource, file: file)
        }
    }

    /// Decides which stanzas the members give, each package once, for a filter to select from.
    mutating func admit(_ packages: inout UnitedPackages) throws {
        try decide(&packages) { packages, stanza, isSource, file in
            try packages.admits(stanza, isSource: isSource, file: file)
                ? UnitedStanza(number: stanza.number, movedTo: nil) : nil
        }
    }

    private mutating func decide(
        _ packages: inout UnitedPackages,
        _ take: (inout UnitedPackages, Stanza, _ isSource: Bool, _ file: String) throws -> UnitedStanza?
    ) throws {
        packages.beginSuite()
        for place in parts.indices {
            let member = parts[place].member
            packages.begin(member)
            for number in parts[place].indices.indices {
                let index = parts[place].indices[number]
                guard index.name.kind.holdsPackages else { continue }
                var kept: [UnitedStanza] = []
                packages.beginIndex(index.path)
                try stanzas(of: index, member) { stanza in
                    if let taken = try take(&packages, stanza, index.name.kind == .sources, name(index, member)) {
                        kept.append(taken)
                    }
                }
                parts[place].indices[number].kept = kept
            }
        }
    }

    /// What the members give, as a filter selects from it: their indices one after the other.
    var selectable: SelectableSuite {
        SelectableSuite(
            isReserved: parts.first?.release.notAutomatic ?? false,
            indices: parts.flatMap { part in
                part.indices.map { index in
                    StanzaSource(
                        kind: index.name.kind, architecture: index.name.architecture, file: name(index, part.member)
                    ) { body in try keptStanzas(of: index, part.member) { stanza, _ in try body(stanza) } }
                }
            })
    }

    /// Takes of what the members give what a filter has selected.
    /// - Parameter candidates: those of this suite, in their order.
    mutating func take(_ candidates: [StanzaSelection.Candidate], _ packages: inout UnitedPackages) throws {
        var rest = candidates[...]
        var index: Int32 = 0
        for place in parts.indices {
            packages.begin(parts[place].member)
            for number in parts[place].indices.indices {
                var kept: [UnitedStanza] = []
                while let candidate = rest.first, candidate.place.index == index {
                    rest.removeFirst()
                    let taken = try packages.take(
                        candidate.files, isSource: candidate.kind == .sources, number: Int(candidate.place.number))
                    if let taken { kept.append(taken) }
                }
                parts[place].indices[number].kept = kept
                index += 1
            }
        }
    }

    private func name(_ index: Index, _ member: ViewMember) -> String {
        "\(suite.path(index.path)) of '\(member.name)'"
    }

    private func stanzas(of index: Index, _ member: ViewMember, _ body: (Stanza) throws -> Void) throws {
        try IndexReader.stanzas(
            of: member.state.open(index.source.digest), index.source.format, plainSize: nil, file: name(index, member),
            body)
    }

    // MARK: What is written

    func draft(_ section: RepositorySection) -> SuiteDraft {
        let descriptions = Descriptions()
        var packages: [IndexDraft] = []
        var translations: [IndexDraft] = []
        for path in paths {
            let sources = parts.flatMap { part in
                part.indices.filter { $0.path == path }.map { (index: $0, member: part.member) }
            }
            guard let first = sources.first?.index else { continue }
            let component = first.name.component
            if first.name.kind.holdsPackages {
                packages.append(
                    IndexDraft(path: path) { output in
                        for source in sources {
                            try write(source.index, source.member, to: output) {
                                descriptions.note($0, component: component)
                            }
                        }
                    })
            } else {
                translations.append(
                    IndexDraft(path: path) { output in
                        var told: Set<String> = []
                        for source in sources {
                            try stanzas(of: source.index, source.member) { stanza in
                                guard descriptions.holds(stanza, component: component),
                                    told.insert(SuiteUnion.key(ofDescription: stanza)).inserted
                                else { return }
                                try output.append(stanza)
                            }
                        }
                    })
            }
        }
        return SuiteDraft(suite: suite, release: release(section), indices: packages + translations)
    }

    private static func key(ofDescription stanza: Stanza) -> String {
        "\(stanza[.package]?.text ?? "") \(stanza[.descriptionMD5]?.text ?? "")"
    }

    private func write(
        _ index: Index, _ member: ViewMember, to output: StanzaOutput, _ note: (Stanza) -> Void
    ) throws {
        let field = index.name.kind == .sources ? FieldName.directory : FieldName.filename
        try keptStanzas(of: index, member) { stanza, kept in
            note(stanza)
            try output.append(stanza, replacing: kept.movedTo.map { (field, $0) })
        }
    }

    private func keptStanzas(
        of index: Index, _ member: ViewMember, _ body: (Stanza, UnitedStanza) throws -> Void
    ) throws {
        var wanted = index.kept[...]
        try stanzas(of: index, member) { stanza in
            guard let next = wanted.first, next.number == stanza.number else { return }
            wanted.removeFirst()
            try body(stanza, next)
        }
    }

    /// As the first member has it; of architectures and components those of all.
    private func release(_ section: RepositorySection) -> ReleaseDraft {
        guard let first = parts.first?.release else { return ReleaseDraft(section) }
        var draft = ReleaseDraft(section, following: first)
        // A client told so would not look into an index of architecture `all`, which some other member may have.
        draft.packagesHoldAll = parts.allSatisfy(\.release.packagesHoldAll)
        let written = parts.flatMap(\.indices)
        let architectures = united(parts.map(\.release.architectures)) { architecture in
            suite.isFlat || written.contains { $0.name.architecture == architecture }
                || architecture == "all" && draft.packagesHoldAll
        }
        if !suite.isFlat || !architectures.isEmpty { draft.architectures = architectures }
        if suite.isFlat { return draft }
        let components = united([written.compactMap(\.name.component)]) { _ in true }
        // As Release files name them: `updates/main` for what lies below `main`.
        let declared = united(parts.map(\.release.components)) { name in
            components.contains { $0 == name || name.hasSuffix("/\($0)") }
        }
        draft.components =
            declared + components.filter { name in !declared.contains { $0 == name || $0.hasSuffix("/\(name)") } }
        return draft
    }

    private func united(_ lists: [[String]], _ isWanted: (String) -> Bool) -> [String] {
        var seen: Set<String> = []
        return lists.joined().filter { isWanted($0) && seen.insert($0).inserted }
    }
}
