import Basics
import CommandLineKit
import Mirroring
import Terminal

/// Everything a verb may touch: a value, so that each verb is run alone by tests.
public struct Context: Sendable {
    public var output: Output
    public var environment: [String: String]
    /// Whether data is JSON.
    public var json: Bool
    /// `--config`, if given.
    public var configPath: String?
    public var cancellation: Cancellation
    public var ecosystems: EcosystemRegistry

    public init(
        output: Output, ecosystems: EcosystemRegistry, environment: [String: String] = [:], json: Bool = false,
        configPath: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) {
        self.output = output
        self.environment = environment
        self.json = json
        self.configPath = configPath
        self.cancellation = cancellation
        self.ecosystems = ecosystems
    }

    /// Shows a result: as JSON, or as the text that `text` writes.
    func show(_ result: some JSONResult, _ text: (Output) throws -> Void) rethrows {
        guard json else { return try text(output) }
        output.write(result.document)
    }
}
