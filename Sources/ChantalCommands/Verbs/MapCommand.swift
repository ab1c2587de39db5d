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
            take them. What cannot be found is named, and the exit status is 1.
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
        /// Nil if nothing was found; empty if nothing is wanted here.
        let names: [String]?
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
                let own = answers.prefix(names.count).map { found in
                    found.filter { $0.package.type == type && $0.evidence.contains(.name) }
                }
                answers = answers.dropFirst(names.count)
                let isThere = own.allSatisfy { !$0.isEmpty }
                items.append(Item(wanted: item, names: isThere ? names : nil))
            } else {
                let found = (answers.popFirst() ?? []).filter { $0.package.type == type }
                items.append(Item(wanted: item, names: found.first.map { [$0.package.package.name] }))
            }
        }
    }

    private var missing: [Item] { items.filter { $0.names == nil } }

    /// Each name once, in the order of the list.
    private var names: [String] {
        var seen: Set<String> = []
        return items.flatMap { $0.names ?? [] }.filter { seen.insert($0).inserted }
    }

    func show(_ context: Context) -> ExitStatus {
        let packages = items.compactMap { item -> JSONValue? in
            guard let names = item.names else { return nil }
            return ["wanted": .string(item.wanted.name), "packages": .array(names.map { .string($0) })]
        }
        let lost = missing.map { item -> JSONValue in
            ["wanted": .string(item.wanted.name), "place": .string(item.wanted.place)]
        }
        context.show(MapResult(type: type, packages: packages, missing: lost)) { output in
            for name in names { output.line(name) }
        }
        for item in missing {
            let names = item.wanted.packages[type].map { " as \($0.joined(separator: ", "))" } ?? ""
            context.output.warning(
                "\(item.wanted.place): '\(item.wanted.name)' is in no repository of type \(type)\(names)")
        }
        return missing.isEmpty ? .done : .failed
    }
}
