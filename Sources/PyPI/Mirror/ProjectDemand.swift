import Basics

/// What the user wants of one project.
struct ProjectDemand {
    /// One line of what the user wrote.
    struct Line {
        var specifiers = SpecifierSet()
        /// SHA-256 digests that a file must have one of; nil if none are given.
        var digests: Set<Digest>?
        /// Names of the only files that are wanted; nil for all.
        var filenames: Set<String>?
        /// Where the user has written it, `FILE:LINE`; nil for what the configuration names or a closure has found.
        var place: String?

        func asks(sameAs other: Line) -> Bool {
            specifiers == other.specifiers && digests == other.digests && filenames == other.filenames
        }
    }

    let name: ProjectName
    /// As the user or the list of projects writes it.
    var displayName: String
    /// A file is wanted if any line wants it.
    var lines: [Line]
    /// By file name: the requirements that brought a file in, from what the user wrote on.
    var why: [String: [String]] = [:]

    init(_ name: ProjectName, displayName: String, lines: [Line] = [Line()]) {
        self.name = name
        self.displayName = displayName
        self.lines = lines
    }

    /// By file name: the SHA-256 that a lock file has for it; none where several differ.
    var lockedDigests: [String: Digest] {
        var result: [String: Digest] = [:]
        var disputed: Set<String> = []
        for line in lines {
            guard let digests = line.digests, let names = line.filenames else { continue }
            for name in names {
                if digests.count == 1, let digest = digests.first, result[name, default: digest] == digest {
                    result[name] = digest
                } else {
                    disputed.insert(name)
                }
            }
        }
        return result.filter { !disputed.contains($0.key) }
    }
}
