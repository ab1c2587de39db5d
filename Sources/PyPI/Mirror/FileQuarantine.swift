import Basics
import Mirroring

/// Holds files of projects back until they are old enough (`min_age`): by their upload-time, or else by when chantal first saw them.
struct FileQuarantine {
    let session: SyncSession
    let rules: FilterRules
    /// The next moment at which a file is old enough.
    private(set) var nextRelease: Timestamp?
    /// Whether some file of the project begun last waits.
    private(set) var isWaiting = false

    init(session: SyncSession, rules: FilterRules) {
        self.session = session
        self.rules = rules
    }

    mutating func beginProject() { isWaiting = false }

    /// Chooses files with a test of whether they are old enough; what is not is noted.
    mutating func choosing(
        _ files: [ParsedFile], _ choose: (_ releases: (ParsedFile) -> Bool) -> [Int]
    ) throws -> [Int] {
        var quarantine = Quarantine(rules, now: session.now)
        guard quarantine.minimumAge != nil else { return choose { _ in true } }
        let dated = files.filter { !$0.file.checksums.isEmpty }
        let moments = try session.firstSeen(dated.map { FileQuarantine.strongest($0.file.checksums) })
        let seen = Dictionary(zip(dated.map(\.file.filename), moments), uniquingKeysWith: { first, _ in first })
        let chosen = choose { file in
            let first = seen[file.file.filename]
            // What the first sync found is old enough, whatever its date.
            return quarantine.releases(
                date: file.file.uploadTime.flatMap { Timestamp(rfc3339: $0) }, firstSeen: first,
                isInitial: session.previous == nil || first?.seconds == 0)
        }
        isWaiting = quarantine.nextRelease != nil
        nextRelease = [nextRelease, quarantine.nextRelease].compactMap { $0 }.min()
        return chosen
    }

    private static func strongest(_ checksums: [Checksum]) -> Checksum {
        checksums.max { $0.algorithm < $1.algorithm } ?? checksums[0]
    }
}
