import Basics
import Foundation
import Terminal
import Testing

@Suite("Output")
struct TerminalTests {
    private func output(terminal: Bool = false, verbosity: Verbosity = .normal, color: Bool = false) -> (
        Output, data: MemorySink, prose: MemorySink
    ) {
        let data = MemorySink()
        let prose = MemorySink()
        let palette = Palette(isEnabled: color)
        return (
            Output(
                data: OutputStream(sink: data, isTerminal: terminal, palette: palette),
                prose: OutputStream(sink: prose, isTerminal: terminal, palette: palette), verbosity: verbosity), data,
            prose
        )
    }

    @Test("data and prose go to streams of their own, prose by verbosity")
    func streams() {
        for (verbosity, expected) in [
            (Verbosity.quiet, "warning: w\nerror: e\n"), (.normal, "n\nwarning: w\nerror: e\n"),
            (.verbose, "n\nd\nwarning: w\nerror: e\n"),
        ] {
            let (output, data, prose) = output(verbosity: verbosity)
            output.line("data")
            output.note("n")
            output.detail("d")
            output.warning("w")
            output.error("e")
            #expect(data.text == "")
            output.flush()
            #expect(data.text == "data\n")
            #expect(prose.text == expected)
        }
    }

    @Test("a full disk is an error, a reader that went away is none")
    func failures() throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let output = Output(
            data: OutputStream(sink: DescriptorSink(full, name: "standard output")),
            prose: OutputStream(sink: MemorySink()))
        output.line("x")
        output.flush()
        #expect(output.failure?.code == .noSpace)

        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        signal(SIGPIPE, SIG_IGN)
        defer { close(ends[1]) }
        try DescriptorSink(ends[1], name: "standard output").write([1])
    }

    @Test("colour follows the flag, the terminal and NO_COLOR")
    func color() {
        #expect(ColorMode.auto.isEnabled(isTerminal: true, environment: [:]))
        #expect(ColorMode.auto.isEnabled(isTerminal: true, environment: ["NO_COLOR": ""]))
        #expect(!ColorMode.auto.isEnabled(isTerminal: true, environment: ["NO_COLOR": "1"]))
        #expect(!ColorMode.auto.isEnabled(isTerminal: false, environment: [:]))
        #expect(ColorMode.always.isEnabled(isTerminal: false, environment: ["NO_COLOR": "1"]))
        #expect(!ColorMode.never.isEnabled(isTerminal: true, environment: [:]))
    }

    @Test("a table is aligned by display width and has no space at line ends")
    func table() {
        var table = Table([.init("name"), .init("size", right: true), .init("note")])
        table.add(["a", "1.0 kB", ""])
        table.add(["日本", "12 B", "has one"])
        let (plain, _, _) = output()
        #expect(table.text(for: plain.data) == "NAME    SIZE  NOTE\na     1.0 kB\n日本    12 B  has one\n")
        let (colored, _, _) = output(terminal: true, color: true)
        #expect(table.text(for: colored.data).hasPrefix("\u{1b}[1mNAME\u{1b}[0m"))
    }

    @Test("what an upstream says cannot steer the terminal")
    func sanitized() {
        #expect(DisplayText.line("a\u{1b}[2J\u{9b}b\u{202e}c\nd\u{7f}") == "a\u{fffd}[2J\u{fffd}b\u{fffd}c d\u{fffd}")
        #expect(Table.Cell("x\r\ny").text == "x y" || Table.Cell("x\r\ny").text == "x  y")
    }

    @Test("text is cut and counted by columns")
    func text() {
        #expect(DisplayText.width("e\u{301}日") == 3)
        #expect(DisplayText.cut("日本語", to: 4) == "日…")
        #expect(DisplayText.cut("abc", to: 3) == "abc")
        #expect(DisplayText.wrapped("aa bb cc\n  dd ee", to: 6) == ["aa bb", "cc", "  dd", "  ee"])
        #expect(
            [0, 999, 1000, 63_440, 1_234_567, -1000].map(DisplayText.count) == [
                "0", "999", "1,000", "63,440", "1,234,567", "-1,000",
            ])
    }

    @Test("prose appears above the moving lines")
    func moving() {
        let (output, _, prose) = output(terminal: true)
        output.move(["bar"])
        output.note("hello")
        output.move([])
        #expect(prose.text == "bar\n\r\u{1b}[1A\u{1b}[Jhello\nbar\n\r\u{1b}[1A\u{1b}[J")
    }
}
