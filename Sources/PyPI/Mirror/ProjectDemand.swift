import Basics

/// What the user wants of one project.
struct ProjectDemand {
    /// One line of what the user wrote.
    struct Line {
        var specifiers = SpecifierSet()
        /// SHA-256 digests that a file must have one of; nil if none are given.
        var digests: Set<Digest>?
        /// What a lock file says of its file by other algorithms.
        var otherChecksums: [Checksum] = []
        /// Names of the only files that are wanted; nil for all.
        var filenames: Set<String>?
        /// Where the user has written it, `FILE:LINE`; nil for what the configuration names or a closure has found.
        var place: String?

        /// Whether a file is what the line asks for, whatever a filter says.
        func matches(_ file: ParsedFile) -> Bool {
            if let filenames, !filenames.contains(file.file.filename) { return false }
            if let digests, !digests.contains(file.file) { return false }
            if specifiers.isEmpty { return true }
            return file.version.map(specifiers.matches) ?? false
        }

        /// Whether it asks for the project by its name alone, in the configuration: one without files is mirrored as such (an empty page).
        var isBareName: Bool { place == nil && filenames == nil && specifiers.isEmpty && digests == nil }

        func asks(sameAs other: Line) -> Bool {
            specifiers == other.specifiers && digests == other.digests && filenames == other.filenames
                && otherChecksums == other.otherChecksums
        }
    }

    let name: ProjectName
    /// As the user or the list of projects writes it.
    var displayName: String
    /// Whether the user names it; else it is only one of the whole index.
    var isNamed = true
    /// A file is wanted if any line wants it.
    var lines: [Line]
    /// By file name: the requirements that brought a file in, from what the user wrote on.
    var why: [String: [String]] = [:]

    init(_ name: ProjectName, displayName: String, lines: [Line] = [Line()]) {
        self.name = name
        self.displayName = displayName
        self.lines = lines
    }

    /// By file name: what lock files say of it; nothing by an algorithm by which they differ.
    var lockedChecksums: [String: [Checksum]] {
        var result: [String: [Checksum]] = [:]
        for line in lines {
            let checksums = (line.digests.map { $0.map { Checksum($0) } } ?? []) + line.otherChecksums
            for name in line.filenames ?? [] { result[name, default: []] += checksums }
        }
        return result.mapValues { all in
            let known = Set(all)
            return known.filter { one in known.count { $0.algorithm == one.algorithm } == 1 }.sorted {
                $0.algorithm < $1.algorithm
            }
        }
    }
}
