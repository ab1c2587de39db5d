import Basics
import Mirroring

/// What the user asks of a project that nothing upstream is, whatever a filter would take of it.
enum UnmetDemands {
    static func all(of demand: ProjectDemand, in files: [ParsedFile]) -> [SyncPlan.Defect] {
        demand.lines.compactMap { line in
            if let names = line.filenames {
                // What a closure has found is there.
                guard let place = line.place, let name = names.first else { return nil }
                return locked(name, line, place, demand.name, files)
            }
            return demand.isNamed ? required(line, demand.name, files) : nil
        }
    }

    /// Of a project that upstream has put under quarantine (PEP 792), which offers nothing: all that is asked of it.
    static func all(ofQuarantined demand: ProjectDemand, _ page: ProjectPage) -> [SyncPlan.Defect] {
        guard demand.isNamed else { return [] }
        let project = demand.name
        let reason =
            page.statusReason.map { " (\($0.split(whereSeparator: \.isNewline).joined(separator: " ")))" } ?? ""
        return demand.lines.compactMap { line in
            if line.isBareName { return nil }
            var what = ""
            var path: RepositoryPath? = IndexPath.page(project)
            if let names = line.filenames {
                guard line.place != nil, let name = names.first else { return nil }
                what = "; its file \(name) is asked for"
                path = try? IndexPath.file(name, of: project)
            } else if !line.specifiers.isEmpty {
                what = "; '\(line.specifiers)' is asked for"
            }
            return defect(
                path,
                "\(line.place.map { "\($0): " } ?? "")upstream has put the project \(project) under quarantine\(reason), and offers no file of it\(what)",
                hint:
                    "it may be malicious: find out why before anybody installs it; take it out of what you ask for, or allow it to be missing by 'allow_missing'"
            )
        }
    }

    /// What upstream has, and the filter takes nothing of.
    /// - Parameter fits: whether a file is for a configured Python and platform. Lock files name those for others, too.
    static func all(
        filteredFrom demand: ProjectDemand, in files: [ParsedFile], chosen: [Int], isWaiting: Bool,
        fits: (ParsedFile) -> Bool
    ) -> [SyncPlan.Defect] {
        let hint =
            isWaiting
            ? "some of it is younger than 'min_age'"
            : "take it out of what you ask for, or out of the filter; or allow it to be missing by 'allow_missing'"
        func filtered(_ place: String?, _ what: String) -> SyncPlan.Defect {
            defect(
                IndexPath.page(demand.name),
                "\(place.map { "\($0): " } ?? "")\(demand.name): the filter lets through nothing that is asked for\(what)",
                hint: hint)
        }
        func isMissed(_ lines: [ProjectDemand.Line]) -> Bool {
            func isMeant(_ file: ParsedFile) -> Bool { lines.contains { $0.matches(file) } }
            return !chosen.contains { isMeant(files[$0]) } && files.contains(where: isMeant)
        }
        var result = demand.lines.compactMap { line in
            guard line.filenames == nil, !line.specifiers.isEmpty || line.digests != nil, isMissed([line]) else {
                return SyncPlan.Defect?.none
            }
            return filtered(line.place, line.specifiers.isEmpty ? "" : " by '\(line.specifiers)'")
        }
        // Of the files that a lock names of a project one is enough.
        let locked = demand.lines.filter { $0.filenames != nil && $0.place != nil }
        let fitting = locked.filter { line in files.contains { line.matches($0) && fits($0) } }
        if let first = fitting.first, isMissed(locked) {
            result.append(filtered(first.place, first.filenames?.first.map { ", such as \($0)" } ?? ""))
        }
        return result
    }

    private static func required(
        _ line: ProjectDemand.Line, _ project: ProjectName, _ files: [ParsedFile]
    ) -> SyncPlan.Defect? {
        let matching = files.filter { line.specifiers.isEmpty || ($0.version.map(line.specifiers.matches) ?? false) }
        if line.isBareName { return nil }
        let whence = line.place.map { "\($0): " } ?? ""
        if files.isEmpty, line.specifiers.isEmpty, line.digests == nil {
            return defect(
                IndexPath.page(project), "\(whence)upstream has the project \(project), and no file of it",
                hint: "is the URL that of a simple index? One without files is to be taken out of what you ask for")
        }
        if matching.isEmpty, !line.specifiers.isEmpty {
            let newest = files.compactMap(\.version).max().map { "; the newest is \($0)" } ?? ""
            return defect(
                IndexPath.page(project), "\(whence)\(project): upstream has no version '\(line.specifiers)'\(newest)",
                hint: "is the requirement right?")
        }
        guard let digests = line.digests, !matching.contains(where: { digests.contains($0.file) }) else { return nil }
        let what = line.specifiers.isEmpty ? "" : " of a version '\(line.specifiers)'"
        return defect(
            IndexPath.page(project),
            "\(whence)\(project): upstream has no file\(what) with \(digests.count == 1 ? "the hash" : "one of the hashes") that is asked for",
            .mismatch,
            hint: "are the hashes those of this index? A released file never changes")
    }

    private static func locked(
        _ name: String, _ line: ProjectDemand.Line, _ place: String, _ project: ProjectName, _ files: [ParsedFile]
    ) -> SyncPlan.Defect? {
        let path = try? IndexPath.file(name, of: project)
        guard let file = files.first(where: { $0.file.filename == name })?.file else {
            return defect(
                path, "\(place): upstream has no file \(name) of \(project)",
                hint:
                    "was it deleted, or locked from another index? Lock anew, or allow it to be missing by 'allow_missing'"
            )
        }
        let hint = "a released file never changes: find out which of the two is right before you lock anew"
        for ours in line.otherChecksums {
            guard let theirs = file.checksums.first(where: { $0.algorithm == ours.algorithm }), theirs != ours else {
                continue
            }
            return defect(
                path, "\(place): the file \(name) of \(project) has \(theirs) upstream, and not \(ours)", .mismatch,
                hint: hint)
        }
        guard let digests = line.digests, !digests.contains(file) else { return nil }
        let theirs = file.sha256.map { "sha256:\($0)" } ?? "no SHA-256"
        return defect(
            path,
            "\(place): the file \(name) of \(project) has \(theirs) upstream, and not \(digests.map { "sha256:\($0)" }.sorted().joined(separator: " or "))",
            .mismatch, hint: hint)
    }

    private static func defect(
        _ path: RepositoryPath?, _ message: String, _ code: ChantalError.Code = .missing, hint: String
    ) -> SyncPlan.Defect {
        SyncPlan.Defect(path: path, error: ChantalError(code, message, hint: hint, path: path.map { "\($0)" }))
    }
}

extension Set<Digest> {
    /// Whether the index declares one of these for a file.
    func contains(_ file: ProjectFile) -> Bool { file.sha256.map(contains) ?? false }
}
