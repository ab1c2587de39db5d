import Basics
import Catalog
import CommandLineKit
import Mirroring
import Store
import Terminal

/// `chantal search WORDS`
enum SearchCommand {
    private static let words = Argument(
        "WORDS", .some, "beginnings of words in names, summaries and provided names, or of a path; all must match")
    private static let type = ValueOption<String>(
        "type", "TYPE", "only repositories of this type", completion: .dynamic(CommonArguments.Words.types))
    private static let repository = ValueOption<String>(
        "repo", "REPO", "only this repository", completion: .dynamic(CommonArguments.Words.repositories))
    private static let limit = ValueOption<Int>(
        "limit", "COUNT", "give the first so many; 0 for all", default: "\(usualLimit), with --json all",
        parse: OptionValue.number(0...1_000_000_000))
    private static let across = Flag(
        "across", "what one piece of software is called in each ecosystem; WORDS is its name")

    /// More is nothing that a person reads.
    private static let usualLimit = 500

    static let command = Command<Context>(
        "search", "find packages by name, summary and what they provide",
        discussion: """
            Looks through the latest generation of every repository and through the snapshots. Provided names are those of apt's \
            Provides and of rpm's provides. A word that begins with a slash is the beginning of a path: of the files that an rpm \
            repository's list of packages names, which are commands and configuration.
            """,
        examples: [
            .init("search web server --repo debian", "in one repository"),
            .init("search /usr/bin/pdftotext", "which rpm package has a command"),
            .init("search requests --across", "python3-requests here, requests there"),
        ],
        arguments: [words], options: [type, repository, limit, across]
    ) { context, arguments in
        let engine = try context.engine(writing: false)
        let (type, repository) = (arguments[type], arguments[repository])
        if let type { _ = try engine.ecosystems.type(type) }
        if let repository { _ = try engine.storedRepositories([repository]) }
        if arguments[across] {
            guard arguments[words].count == 1 else {
                throw ChantalError(.usage, "--across takes one name", hint: "chantal search --across requests")
            }
            let found = try engine.softwareSearch().run([.init(arguments[words][0])])[0].filter {
                (type == nil || type == $0.package.type) && (repository == nil || repository == $0.package.repository)
            }
            SearchAcross(found).show(context)
            return .done
        }
        let limit = arguments[limit] ?? (context.json ? 0 : usualLimit)
        let catalog = try engine.openCatalogForReading()
        let states = try snapshotStates(engine.store.records)
        var count = 0
        func search(_ add: (SearchHitFields) -> Void) throws {
            // One more tells whether there are more.
            try catalog.search(
                words: arguments[words], type: type, repository: repository, states: states,
                limit: limit == 0 ? nil : limit + 1
            ) { hit in
                try context.cancellation.check()
                count += 1
                if limit == 0 || count <= limit { add(hit) }
            }
        }
        if context.json {
            var document = HitDocument()
            try search { document.add($0) }
            document.write(to: context.output)
        } else {
            var hits: [SearchHit] = []
            try search { hits.append(SearchHit($0)) }
            show(hits, context.output)
        }
        if limit > 0, count > limit {
            context.output.note("more than \(DisplayText.count(limit, "package")) match; --limit 0 shows all")
        }
        return .done
    }

    /// The generations that snapshots name.
    private static func snapshotStates(_ records: any RecordStore) throws -> Set<RepositoryState> {
        var states: Set<RepositoryState> = []
        for repository in try records.repositories() {
            for snapshot in try records.snapshots(of: repository) {
                states.insert(RepositoryState(repository: repository, generation: snapshot.generation))
            }
        }
        return states
    }

    private static func show(_ hits: [SearchHit], _ output: Output) {
        var table = Table([
            .init("package"), .init("version"), .init("architecture"), .init("repository"), .init("summary"),
        ])
        for hit in hits {
            table.add([
                .init(hit.name, style: { $0.bold($1) }), .init(hit.version), .init(hit.architecture),
                .init(hit.repository), .init(hit.summary),
            ])
        }
        output.table(table, ifEmpty: "no package matches")
    }
}
