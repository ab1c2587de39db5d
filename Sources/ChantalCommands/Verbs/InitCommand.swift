import Basics
import CommandLineKit
import FileSystem
import Mirroring
import Store

/// `chantal init [DIR]`
enum InitCommand {
    private static let directory = Argument(
        "DIR", .optional, "where; the current directory if it is not given", completion: .directories)

    static let command = Command<Context>(
        "init", "write a commented chantal.yaml and make an empty store",
        discussion: """
            Writes DIR/chantal.yaml and makes the store DIR/store. Where a configuration exists already (there, or by \
            --config), it stays as it is, and the store that it names is made. Nothing but this command makes a store: the \
            directory of a disk that is not mounted is never taken for a new one.
            """,
        examples: [
            .init("init /srv/mirror", "a new mirror under /srv/mirror"),
            .init("--config /etc/chantal/chantal.yaml init", "the store of a configuration that is there"),
        ],
        arguments: [directory]
    ) { context, arguments in
        let place = try Place(context, arguments.first(directory))
        let isNew = try !place.hasConfiguration
        if isNew { try place.writeConfiguration(context.ecosystems) }
        let configuration = try Configuration.load(
            path: place.path, ecosystems: context.ecosystems.declarations, environment: context.environment)
        try StoreDirectory.create(at: configuration.storePath)
        let result = InitResult(config: configuration.path, store: configuration.storePath, isNewConfig: isNew)
        context.show(result) { output in
            if isNew { output.note("wrote \(result.config): set up your repositories there") }
            output.note("made the store \(result.store)")
            output.note("then: chantal \(place.isDefault ? "" : "--config \(result.config) ")sync")
        }
        return .done
    }

    /// Where the configuration stands or will stand.
    private struct Place {
        /// The directory of the configuration.
        let directory: String
        let file: String
        private let isNamed: Bool
        private let isNamedByOption: Bool

        init(_ context: Context, _ argument: String?) throws {
            let named = context.configPath ?? (argument == nil ? context.environment["CHANTAL_CONFIG"] : nil) ?? ""
            if let slash = named.lastIndex(of: "/") {
                directory = slash == named.startIndex ? "/" : String(named[..<slash])
                file = String(named[named.index(after: slash)...])
            } else {
                directory = named.isEmpty ? argument ?? "." : "."
                file = named.isEmpty ? "chantal.yaml" : named
            }
            if !named.isEmpty, argument != nil {
                throw ChantalError(
                    .usage, "DIR and --config exclude each other",
                    hint: "a configuration says itself where its store is")
            }
            isNamedByOption = context.configPath != nil
            isNamed = !named.isEmpty
        }

        /// Whether `chantal` without options finds it from here.
        var isDefault: Bool { isNamed ? !isNamedByOption : directory == "." }

        var path: String { directory == "." ? file : directory == "/" ? "/\(file)" : "\(directory)/\(file)" }

        var hasConfiguration: Bool {
            get throws {
                do { return try Directory(path: directory).status(file, followLinks: true) != nil } catch let error
                    as ChantalError
                    where error.code == .notFound
                { return false }
            }
        }

        func writeConfiguration(_ ecosystems: EcosystemRegistry) throws {
            let isAbsolute = directory.hasPrefix("/")
            let relative = Array(directory.utf8.drop { $0 == UInt8(ascii: "/") })
            let start = try Directory(path: isAbsolute ? "/" : ".")
            let parent =
                relative.isEmpty || directory == "."
                ? start : try start.makeDirectories(String(decoding: relative, as: UTF8.self))
            let text = ConfigurationTemplate.initial(ecosystems.declarations, store: "store")
            try File.writeAtomically(parent, file, Array(text.utf8), collision: .fail)
        }
    }
}
