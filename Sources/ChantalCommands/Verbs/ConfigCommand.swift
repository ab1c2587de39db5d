import Basics
import CommandLineKit
import Mirroring
import Terminal

/// `chantal config …`
enum ConfigCommand {
    static let command = Command<Context>(
        "config", "check and show the configuration",
        subcommands: [
            Command(
                "check", "read the configuration and say what is wrong with it",
                discussion: "The files that it refers to must be there as well. Exit status 2 if something is wrong."
            ) { context, _ in try check(context) },
            Command(
                "show", "show the configuration in force",
                discussion: "Included files are merged, variables replaced, defaults filled in; secrets are not shown."
            ) { context, _ in
                let configuration = try context.configuration()
                context.show(ConfigShowResult(config: configuration.tree.jsonValue)) { $0.write(configuration.yaml()) }
                return .done
            },
            Command("schema", "write the JSON Schema of the configuration, for editors") { context, _ in
                context.output.write(ConfigurationSchema.json(context.ecosystems.declarations))
                return .done
            },
        ])

    private static func check(_ context: Context) throws -> ExitStatus {
        let path = try Configuration.locate(explicit: context.configPath, environment: context.environment)
        var (configuration, errors) = Configuration.check(
            path: path, ecosystems: context.ecosystems.declarations, environment: context.environment)
        errors += configuration?.checkFiles() ?? []
        let result = ConfigCheckResult(
            files: configuration?.files ?? [path], repositories: configuration?.repositories.count ?? 0, errors: errors)
        context.show(result) { output in
            for error in errors { ErrorReport(error: error).say(to: output) }
            if errors.isEmpty {
                output.note("\(path) is right: \(DisplayText.count(result.repositories, "repository"))")
            }
        }
        return errors.isEmpty ? .done : .usage
    }
}

extension SettingTree {
    fileprivate var jsonValue: JSONValue {
        switch self {
        case .nothing: .null
        case .flag(let value): .bool(value)
        case .number(let value): .integer(value)
        case .text(let text), .path(let text): .string(text)
        case .secret: .string("***")
        case .list(let items): .array(items.map(\.jsonValue))
        case .mapping(let entries): .object(entries.map { .init($0.key, $0.value.jsonValue) })
        }
    }
}
