import Basics
internal import CGPGME
import Glibc

/// The gpg-agent of a home named by the caller: gpg starts it and would leave it running.
///
/// Unless it ran before, it ends with this.
final class Agent: Sendable {
    private let home: String
    private let wasRunning: Bool

    init(home: String) throws {
        self.home = home
        // It answers with its process id, and with nothing if there is none.
        wasRunning = !Agent.run("gpg-connect-agent", ["--homedir", home, "--no-autostart", "GETINFO pid", "/bye"])
            .isEmpty
    }

    deinit {
        if wasRunning { return }
        _ = Agent.run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"])
    }

    /// What a tool of gpg's prints; it lies beside gpgconf.
    private static func run(_ tool: String, _ arguments: [String]) -> [UInt8] {
        var context: gpgme_ctx_t?
        guard gpgme_new(&context) == 0, let context else { return [] }
        defer { gpgme_release(context) }
        guard gpgme_set_protocol(context, GPGME_PROTOCOL_SPAWN) == 0, let output = try? EngineData(),
            let gpgconf = gpgme_get_dirinfo("gpgconf-name").map({ String(cString: $0) }),
            let slash = gpgconf.lastIndex(of: "/")
        else { return [] }
        let path = String(gpgconf[...slash]) + tool
        var vector = ([tool] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in vector { free(pointer) } }
        let status = Engine.withoutPipeSignal {
            vector.withUnsafeMutableBufferPointer { buffer in
                buffer.withMemoryRebound(to: UnsafePointer<CChar>?.self) {
                    gpgme_op_spawn(context, path, $0.baseAddress, nil, output.handle, nil, 0)
                }
            }
        }
        return status == 0 ? output.take() : []
    }
}
