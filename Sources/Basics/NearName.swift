/// Suggestions for a misspelt word.
public enum NearName {
    /// The candidate with the least edit distance (Damerau-Levenshtein, adjacent swaps count one), if it is at most a third of
    /// the word's length and at most 3; nil otherwise.
    public static func of(_ word: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(1, min(3, word.utf8.count / 3))
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = self.distance(Array(word.utf8), Array(candidate.utf8))
            if distance <= limit, best == nil || distance < best!.distance { best = (candidate, distance) }
        }
        return best?.name
    }

    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + Array(repeating: 0, count: b.count)
            for j in 1...b.count {
                let cost = a[i - 1] == b[j - 1] ? 0 : 1
                row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], before[j - 2] + 1) }
            }
            before = previous
            previous = row
        }
        return previous[b.count]
    }
}
