import Basics

/// How far one task has come.
struct ProgressTask: Sendable {
    let name: String
    let startedAt: Double
    var stage = ""
    var files = 0
    var bytes: Int64 = 0
    var totalFiles = 0
    var totalBytes: Int64 = 0
    /// Bytes a second, smoothed; nil until a second is measured.
    private(set) var rate: Double?
    private var measuredAt: Double
    private var measuredBytes: Int64 = 0

    init(name: String, now: Double) {
        self.name = name
        startedAt = now
        measuredAt = now
    }

    /// Takes a new measure of the rate: an exponential mean with a time constant of five seconds.
    mutating func measure(_ now: Double) {
        let span = now - measuredAt
        guard span >= 0.5 else { return }
        let current = Double(bytes - measuredBytes) / span
        if let old = rate {
            let weight = span / (span + 5)
            rate = old + (current - old) * weight
        } else if bytes > 0 {
            rate = current
        }
        measuredAt = now
        measuredBytes = bytes
    }

    /// 0…1; nil while the total is not known.
    var fraction: Double? {
        if totalBytes > 0 { return min(1, Double(bytes) / Double(totalBytes)) }
        if totalFiles > 0 { return min(1, Double(files) / Double(totalFiles)) }
        return nil
    }

    /// Seconds that the rest will take at the present rate.
    var remaining: Int64? {
        guard let rate, rate > 1, totalBytes > bytes else { return nil }
        let seconds = Double(totalBytes - bytes) / rate
        return seconds < 360_000 ? Int64(seconds.rounded(.up)) : nil
    }

    /// `12% of 328.2 MB, 601 of 5,000 files, 52.1 MB/s, 5s left`
    var text: String {
        var parts: [String] = []
        if let fraction, totalBytes > 0 {
            parts.append("\(Int(fraction * 100))% of \(ByteCount.text(totalBytes))")
        } else if bytes > 0 {
            parts.append(ByteCount.text(bytes))
        }
        if totalFiles > 0 {
            parts.append("\(DisplayText.count(files)) of \(DisplayText.count(totalFiles)) files")
        } else if files > 0 {
            parts.append("\(DisplayText.count(files)) files")
        }
        if let rate, bytes > 0 { parts.append("\(ByteCount.text(Int64(rate)))/s") }
        if let remaining { parts.append("\(Duration64.text(remaining)) left") }
        if parts.isEmpty || fraction == nil, !stage.isEmpty { parts.insert(stage, at: 0) }
        return parts.joined(separator: ", ")
    }

    /// The line of a terminal: name, bar, text; cut to the terminal's width.
    func line(nameWidth: Int, columns: Int, isUnicode: Bool, palette: Palette) -> String {
        let name = DisplayText.padded(
            DisplayText.cut(self.name, to: nameWidth, ellipsis: isUnicode ? "…" : "~"), to: nameWidth)
        let text = self.text
        let room = min(30, columns - nameWidth - DisplayText.width(text) - 6)
        guard let fraction, room >= 5 else {
            return DisplayText.cut("\(name)  \(text)", to: columns - 1, ellipsis: isUnicode ? "…" : "~")
        }
        let full = Int(fraction * Double(room))
        let done = String(repeating: isUnicode ? "█" : "#", count: full)
        let rest = String(repeating: isUnicode ? "░" : "-", count: room - full)
        return "\(name)  \(palette.cyan(done))\(palette.dim(rest))  \(text)"
    }
}
