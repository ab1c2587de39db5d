import Basics
import Store

/// Whether others than the store's owner can read what is to be served.
extension Verification {
    mutating func checkModes() throws {
        var closed = try engine.store.wrongModes()
        while !closed.isEmpty {
            for wrong in closed {
                var defect = Defect(
                    .modeDiffers,
                    "'\(wrong.path)' has the mode \(ModeText(wrong.mode)) instead of \(ModeText(wrong.expected))",
                    path: wrong.path)
                if options.repairs { defect.isRepaired = try engine.store.mend(wrong) }
                add(defect)
            }
            if !options.repairs { return }
            // Below a directory that could not be read.
            let known = Set(closed.map(\.path))
            closed = try engine.store.wrongModes().filter { !known.contains($0.path) }
        }
    }
}

/// Permissions as they are written: four octal digits.
private struct ModeText: CustomStringConvertible {
    let description: String

    init(_ mode: UInt32) {
        let digits = String(mode, radix: 8)
        description = String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
