import APT
import Basics
import ChantalCommands
import CommandLineKit
import Foundation
import Mirroring
import Terminal

/// A command run inside this process, with its streams in memory.
struct Run {
    let status: Int32
    let data: String
    let prose: String

    init(_ words: String..., environment: [String: String] = [:]) { self.init(words, environment: environment) }

    init(_ words: [String], environment: [String: String] = [:]) {
        let data = MemorySink()
        let prose = MemorySink()
        status =
            ChantalProgram.run(words, ecosystems: EcosystemRegistry([APTEcosystem.self]), environment: environment) {
                color, verbosity in
                let palette = Palette(isEnabled: color == .always)
                return Output(
                    data: OutputStream(sink: data, palette: palette),
                    prose: OutputStream(sink: prose, palette: palette),
                    verbosity: verbosity)
            }.rawValue
        self.data = data.text
        self.prose = prose.text
    }

    /// The data as a JSON object.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]) ?? [:]
    }
}
