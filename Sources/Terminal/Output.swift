import Basics
import Synchronization

/// How much prose is wanted.
public enum Verbosity: Int, Sendable, Comparable {
    case quiet, normal, verbose

    public static func < (a: Verbosity, b: Verbosity) -> Bool { a.rawValue < b.rawValue }
}

/// The two streams of a command: data goes to one, prose to the other.
///
/// Data is buffered until ``flush()``. Prose is written line by line, above whatever moving lines are shown. An error of writing is
/// kept in ``failure``, so that a full disk behind `> file` ends the command with an error, once.
public final class Output: Sendable {
    public let data: OutputStream
    public let prose: OutputStream
    public let verbosity: Verbosity

    private struct State {
        var buffer: [UInt8] = []
        var moving: [String] = []
        var drawn = 0
        var failure: ChantalError?
    }

    private let state = Mutex(State())
    private static let bufferSize = 1 << 16

    public init(data: OutputStream, prose: OutputStream, verbosity: Verbosity = .normal) {
        self.data = data
        self.prose = prose
        self.verbosity = verbosity
    }

    /// Standard output and standard error.
    public convenience init(environment: [String: String], color: ColorMode, verbosity: Verbosity) {
        self.init(
            data: OutputStream(descriptor: 1, name: "standard output", environment: environment, color: color),
            prose: OutputStream(descriptor: 2, name: "standard error", environment: environment, color: color),
            verbosity: verbosity)
    }

    /// The first error of writing, if any.
    public var failure: ChantalError? { state.withLock { $0.failure } }

    // MARK: Data

    /// A line of data.
    public func line(_ text: String = "") { write(text, end: true) }

    /// Data as it is.
    public func write(_ text: String) { write(text, end: false) }

    /// Data as it is.
    public func write(_ bytes: [UInt8]) {
        state.withLock { state in
            state.buffer += bytes
            if state.buffer.count >= Output.bufferSize { drain(&state) }
        }
    }

    private func write(_ text: String, end: Bool) {
        state.withLock { state in
            state.buffer.append(contentsOf: text.utf8)
            if end { state.buffer.append(0x0a) }
            if state.buffer.count >= Output.bufferSize { drain(&state) }
        }
    }

    /// Writes out what is buffered.
    public func flush() { state.withLock { drain(&$0) } }

    private func drain(_ state: inout State) {
        guard !state.buffer.isEmpty else { return }
        // Both streams may be one terminal: the moving lines would stand in the middle of the data.
        let isMoving = state.drawn > 0
        if isMoving { emit(erasing(&state), prose, &state) }
        emit(state.buffer, data, &state)
        state.buffer.removeAll(keepingCapacity: true)
        if isMoving { emit(drawing(&state), prose, &state) }
    }

    // MARK: Prose

    /// What happens, for people; nothing with `--quiet`.
    public func note(_ text: @autoclosure () -> String) {
        if verbosity >= .normal { say(text()) }
    }

    /// What happens in detail, with `--verbose` only.
    public func detail(_ text: @autoclosure () -> String) {
        if verbosity >= .verbose { say(prose.palette.dim(text())) }
    }

    /// What may be wrong, whatever the verbosity.
    public func warning(_ text: String) { say(prose.palette.yellow("warning:") + " " + text) }

    /// What went wrong, whatever the verbosity.
    public func error(_ text: String) { say(prose.palette.red("error:") + " " + text) }

    /// A line (or more) to the prose stream, unconditionally. Data that was written before stands before it.
    public func say(_ text: String) {
        state.withLock { state in
            if data.isTerminal && prose.isTerminal { drain(&state) }
            var bytes = erasing(&state)
            bytes.append(contentsOf: text.utf8)
            bytes.append(0x0a)
            bytes += drawing(&state)
            emit(bytes, prose, &state)
        }
    }

    // MARK: Moving lines

    /// Replaces the lines that are redrawn in place at the foot of a terminal; none takes them away. Nothing without a terminal.
    public func move(_ lines: [String]) {
        guard prose.isTerminal else { return }
        state.withLock { state in
            if lines == state.moving { return }
            var bytes = erasing(&state)
            state.moving = lines
            bytes += drawing(&state)
            if !bytes.isEmpty { emit(bytes, prose, &state) }
        }
    }

    private func erasing(_ state: inout State) -> [UInt8] {
        defer { state.drawn = 0 }
        return state.drawn == 0 ? [] : Array("\r\u{1b}[\(state.drawn)A\u{1b}[J".utf8)
    }

    private func drawing(_ state: inout State) -> [UInt8] {
        state.drawn = state.moving.count
        return state.moving.flatMap { Array($0.utf8) + [0x0a] }
    }

    private func emit(_ bytes: [UInt8], _ stream: OutputStream, _ state: inout State) {
        do { try stream.sink.write(bytes) } catch {
            if state.failure == nil { state.failure = .wrap(error, .io) }
        }
    }
}
