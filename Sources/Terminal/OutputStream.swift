import Glibc

/// A sink and what is at its other end.
public struct OutputStream: Sendable {
    public let sink: any Sink
    public let isTerminal: Bool
    /// Whether colours and emphasis are wanted.
    public let palette: Palette
    /// Whether box and block characters can be shown.
    public let isUnicode: Bool
    /// The size of the terminal now; `(80, 24)` where there is none.
    public let size: @Sendable () -> TerminalSize

    public init(
        sink: any Sink, isTerminal: Bool = false, palette: Palette = Palette(isEnabled: false), isUnicode: Bool = true,
        size: @escaping @Sendable () -> TerminalSize = { TerminalSize(columns: 80, rows: 24) }
    ) {
        self.sink = sink
        self.isTerminal = isTerminal
        self.palette = palette
        self.isUnicode = isUnicode
        self.size = size
    }

    /// A descriptor of this process: 1 or 2.
    public init(descriptor: Int32, name: String, environment: [String: String], color: ColorMode) {
        let isTerminal = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        self.init(
            sink: DescriptorSink(descriptor, name: name), isTerminal: isTerminal,
            palette: Palette(isEnabled: color.isEnabled(isTerminal: isTerminal, environment: environment)),
            isUnicode: OutputStream.isUnicode(environment), size: { TerminalSize.of(descriptor) })
    }

    /// The encoding that the locale's variables state, in the order of setlocale(3).
    static func isUnicode(_ environment: [String: String]) -> Bool {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            guard let value = environment[name], !value.isEmpty else { continue }
            let lower = value.lowercased()
            return lower.hasSuffix("utf-8") || lower.hasSuffix("utf8")
        }
        return false
    }
}

/// Columns and rows of a terminal.
public struct TerminalSize: Sendable, Equatable {
    public let columns: Int
    public let rows: Int

    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// The size of the terminal behind a descriptor (TIOCGWINSZ, ioctl_tty(2)); 80 × 24 if there is none.
    public static func of(_ descriptor: Int32) -> TerminalSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return TerminalSize(columns: 80, rows: 24)
        }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
