import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal map FILE --to apt|dnf|pip`
enum MapCommand {
    /// The clients by whose names users know the ecosystems, with their types.
    private static let clients = [("apt", "apt"), ("dnf", "rpm"), ("pip", "pypi")]

    private static let file = Argument("FILE", .one, "a TOML list of wanted software", completion: .files)
    private static let client = ValueOption<String>(
        "to", "CLIENT", "whose install list to write: apt, dnf or pip", completion: .words(clients.map(\.0)))

    static let command = Command<Context>(
        "map", "turn one list of wanted software into an install list of an ecosystem",
        discussion: """
            Writes the names of packages in the repositories mirrored here, one a line, as apt-get install, dnf install and pip install \
            take them. What cannot be found is named, and the exit status is 1; a list that is wrong is refused with 2.
            """,
        examples: [
            .init("map software.toml --to apt", "for Debian machines"),
            .init("map software.toml --to dnf | xargs dnf install -y", "and right into dnf"),
        ],
        arguments: [file], options: [client]
    ) { context, arguments in
        guard let name = arguments[client], let type = clients.first(where: { $0.0 == name })?.1 else {
            let names = clients.map(\.0).joined(separator: ", ")
            throw ChantalError(
                .usage, arguments[client].map { "'\($0)' is no client that is known" } ?? "--to is missing",
                hint: "--to one of \(names)")
        }
        let engine = try context.engine(writing: false)
        let wanted = try WantedSoftware.read(
            arguments.required(file), types: engine.ecosystems.all.map { $0.declaration.type })
        let list = try InstallList(wanted, type: type, engine.softwareSearch())
        return list.show(context)
    }
}

/// What a list of wanted software comes to in one ecosystem.
struct InstallList {
    private struct Item {
        let wanted: WantedSoftware
        /// What was found.
        var names: [String] = []
        /// What the list names and no repository has.
        var lost: [String] = []
        /// Whether something that is wanted here is not there.
        var isMissing = false
    }

    private let type: String
    private var items: [Item] = []

    init(_ wanted: [WantedSoftware], type: String, _ search: SoftwareSearch) throws {
        self.type = type
        // Names that the list gives are looked up as they are.
        var questions: [SoftwareSearch.Question] = []
        for item in wanted {
            if let names = item.packages[type] {
                questions += names.map { SoftwareSearch.Question($0) }
            } else {
                questions.append(.init(item.name, part: item.part))
            }
        }
        var answers = try search.run(questions)[...]
        for item in wanted {
            if let names = item.packages[type] {
                var own = Item(wanted: item)
                for (name, found) in zip(names, answers) {
                    let isThere = found.contains { $0.package.type == type && $0.evidence.contains(.name) }
                    if isThere { own.names.append(name) } else { own.lost.append(name) }
                }
                own.isMissing = !own.lost.isEmpty
                answers = answers.dropFirst(names.count)
                items.append(own)
            } else {
                let found = (answers.popFirst() ?? []).first { $0.package.type == type }
                items.append(
                    Item(
                        wanted: item, names: found.map { [$0.package.package.name] } ?? [], isMissing: found == nil))
            }
        }
    }

    private var missing: [Item] { items.filter(\.isMissing) }

    /// Each name once, in the order of the list.
    private var names: [String] {
        var seen: Set<String> = []
        return items.flatMap(\.names).filter { seen.insert($0).inserted }
    }

    func show(_ context: Context) -> ExitStatus {
        let packages = items.compactMap { item -> JSONValue? in
            if item.isMissing, item.names.isEmpty { return nil }
            return ["wanted": .string(item.wanted.name), "packages": .array(item.names.map { .string($0) })]
        }
        let lost = missing.map { item -> JSONValue in
            [
                "wanted": .string(item.wanted.name), "place": .string(item.wanted.place),
                "packages": .array(item.lost.map { .string($0) }),
            ]
        }
        context.show(MapResult(type: type, packages: packages, missing: lost)) { output in
            for name in names { output.line(name) }
        }
        for item in missing {
            let names = item.lost.isEmpty ? "" : " as \(item.lost.joined(separator: ", "))"
            context.output.warning(
                "\(item.wanted.place): '\(item.wanted.name)' is in no repository of type \(type)\(names)")
        }
        return missing.isEmpty ? .done : .failed
    }
}
