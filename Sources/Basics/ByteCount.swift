/// Sizes for people.
public enum ByteCount {
    /// `0 B`, `999 B`, `1.0 kB`, `328.2 MB` (decimal units, one decimal).
    public static func text(_ bytes: Int64) -> String {
        if bytes < 1000 { return "\(bytes) B" }
        var tenths = bytes / 100
        for unit in ["kB", "MB", "GB", "TB", "PB", "EB"] {
            if tenths < 10_000 || unit == "EB" { return "\(tenths / 10).\(tenths % 10) \(unit)" }
            tenths /= 1000
        }
        return "\(bytes) B"
    }
}

/// Spans of time for people.
public enum Duration64 {
    /// `0s`, `42s`, `3m 10s`, `5h 2m`, `12d 4h`: the two largest units.
    public static func text(_ seconds: Int64) -> String {
        let s = max(0, seconds)
        if s < 60 { return "\(s)s" }
        if s < 3600 { return "\(s / 60)m \(s % 60)s" }
        if s < 86_400 { return "\(s / 3600)h \(s / 60 % 60)m" }
        return "\(s / 86_400)d \(s / 3600 % 24)h"
    }
}
