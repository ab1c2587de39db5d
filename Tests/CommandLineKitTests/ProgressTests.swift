import Basics
import Synchronization
import Terminal
import Testing

private final class ManualClock: Sendable {
    private let time = Mutex(0.0)
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    var now: Double { time.withLock { $0 } }
}

@Suite("Progress")
struct ProgressTests {
    private func board(terminal: Bool, _ clock: ManualClock) -> (ProgressBoard, MemorySink) {
        let prose = MemorySink()
        let output = Output(
            data: OutputStream(sink: MemorySink()),
            prose: OutputStream(sink: prose, isTerminal: terminal, isUnicode: false))
        return (ProgressBoard(output: output, interval: 10, clock: { clock.now }), prose)
    }

    @Test("elsewhere than on a terminal a plain line comes now and then")
    func plain() {
        let clock = ManualClock()
        let (board, prose) = board(terminal: false, clock)
        board.begin("debian")
        board.stage("debian", "reading indices")
        board.expect("debian", files: 4, bytes: 4_000_000)
        for _ in 0..<3 {
            clock.advance(4)
            board.advance("debian", files: 1, bytes: 1_000_000)
        }
        board.end("debian")
        #expect(prose.text == "debian: 75% of 4.0 MB, 3 of 4 files, 250.0 kB/s, 4s left\n")
    }

    @Test("on a terminal a bar stands at the foot while the task runs")
    func bar() {
        let clock = ManualClock()
        let (board, prose) = board(terminal: true, clock)
        board.begin("a")
        board.begin("b")
        board.expect("a", files: 2, bytes: 200)
        board.advance("a", files: 1, bytes: 100)
        board.end("b")
        board.close()
        #expect(prose.text.contains("a  ###############---------------  50% of 200 B, 1 of 2 files\n"))
        #expect(prose.text.hasSuffix("\u{1b}[J"))
    }

    @Test("threads report at once without losing a byte")
    func threads() async {
        let clock = ManualClock()
        let (board, prose) = board(terminal: false, clock)
        board.begin("a")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1000 { board.advance("a", files: 1, bytes: 3) } } }
        }
        clock.advance(11)
        board.advance("a", files: 0, bytes: 0)
        #expect(prose.text.contains("24.0 kB, 8,000 files"))
    }

    @Test("advances of a task that never began, or has ended, are ignored")
    func unknown() {
        let (board, prose) = board(terminal: false, ManualClock())
        board.advance("x", files: 1, bytes: 1)
        board.end("x")
        #expect(prose.text == "")
    }
}
