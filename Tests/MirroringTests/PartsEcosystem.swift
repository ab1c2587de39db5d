import Basics
import Hashing
import Synchronization

@testable import Mirroring

/// An invented kind of repository in many parts: a page each, which names files by URL. A part keeps its last good state where
/// something is wrong with it, and an emptied one is held back.
struct PartsEcosystem: Ecosystem {
    static let parts = Setting<[String]>(
        "parts", .list(of: .text), default: [], example: "[a]", isEssential: true, summary: "parts to mirror")
    static let mirrorlist = Setting<UpstreamURL?>(
        "mirrorlist", .url(), example: "http://h/list", summary: "a list of mirrors in place of upstream")
    static let inspected = Setting<String?>(
        "inspected", .text, example: "key", summary: "refuses files that begin with BAD; the text is the verdicts' key")
    static let declaration = EcosystemDeclaration(
        type: "parts", summary: "Repositories in parts.",
        settings: [
            parts, mirrorlist, inspected,
            Setting<MissingPolicy>("on_missing", .choice, default: .keep, example: "keep", summary: "what to do"),
        ], signsMetadata: false, canBeHosted: false, upstreamKeys: ["upstream", "mirrorlist"], exampleName: "parts",
        checkConstraint: { _ in nil }, check: { _ in [] })

    /// Files that were inspected in this process, by their section's key.
    static let inspections = Mutex<[String: Int]>([:])

    let section: RepositorySection

    init(_ section: RepositorySection) { self.section = section }

    private struct Part {
        let name: String
        let request: RootRequest
        /// Nil keeps the state before.
        var files: [PlannedFile]?
    }

    func plan(_ session: SyncSession) throws -> PlanOutcome {
        if let list = section.value(PartsEcosystem.mirrorlist) {
            let (bytes, _) = try session.document(url: list.text, limit: 4096)
            try session.useUpstreams(String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init))
        }
        let names = section.value(PartsEcosystem.parts)
        let requests = try names.map { name in
            RootRequest(
                name: try RepositoryPath("parts/\(name)"), source: .directory(try RepositoryPath("parts/\(name)")),
                limit: 1 << 20, headers: [("Accept", "text/x-parts")], kept: .withValidators)
        }
        let answers = try session.roots(requests)
        var parts: [Part] = []
        var plan = SyncPlan(roots: [], files: [], packages: 0, verified: false, isRegenerated: true) { _ in
            Composition([])
        }
        var isUnchanged = session.mayBeUnchanged
        for (index, answer) in answers.enumerated() {
            let path = requests[index].name
            var part = Part(name: names[index], request: requests[index], files: nil)
            switch answer {
            case .failure(let error):
                plan.defects.append(SyncPlan.Defect(path: path, error: error))
                session.forgetRoot(path, source: requests[index].source)
                isUnchanged = false
            case .success(.unchanged(let digest)): plan.facts.append(digest)
            case .success(.absent):
                part.files = []
                isUnchanged = false
            case .success(.fetched(let root)):
                isUnchanged = false
                let files = try read(session.contents(of: root, limit: 1 << 20), names[index])
                if files.isEmpty, !session.acceptsRemovals, session.previous != nil {
                    plan.held.append(ChantalError(.held, "all files of '\(names[index])' are gone"))
                    session.forgetRoot(path, source: requests[index].source)
                } else {
                    plan.facts.append(root.digest)
                    part.files = files
                }
            }
            parts.append(part)
        }
        if isUnchanged { return .unchanged }
        plan.files = parts.flatMap { $0.files ?? [] }
        plan.packages = plan.files.count
        plan.isDecidedByManifest = true
        if let key = section.value(PartsEcosystem.inspected) { plan.inspection = PartsEcosystem.inspection(key) }
        plan.compose = { [before = try entriesBefore(session), parts] contents in
            var composition = Composition([])
            var count = 0
            for part in parts {
                if let files = part.files, files.allSatisfy({ !contents.failed.contains($0.path) }) {
                    let kept = files.filter { !contents.leftOut.contains($0.path) }
                    let text = kept.map { "\(contents.stored($0.path)?.digest.hex ?? "-") \($0.path)\n" }.joined()
                    let stored = try session.put(Array(text.utf8))
                    composition.entries.append(
                        ManifestEntry(
                            path: try RepositoryPath("parts/\(part.name).txt"), digest: stored.digest,
                            size: stored.size, role: .pointer))
                    count += kept.count
                } else {
                    if part.files != nil { session.forgetRoot(part.request.name, source: part.request.source) }
                    composition.withdrawn.formUnion((part.files ?? []).map(\.path))
                    let old = before.filter { "\($0.path)".hasPrefix("files/\(part.name)/") }
                    composition.entries += old + before.filter { "\($0.path)" == "parts/\(part.name).txt" }
                    count += old.count
                }
            }
            composition.packages = count
            return composition
        }
        return .changed(plan)
    }

    private func entriesBefore(_ session: SyncSession) throws -> [ManifestEntry] {
        try session.previousState()?.manifest.entries ?? []
    }

    /// `SHA256-or-dash NAME URL` a line.
    private func read(_ page: [UInt8], _ part: String) throws -> [PlannedFile] {
        try String(decoding: page, as: UTF8.self).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return PlannedFile(
                source: .url(words[2]), path: try RepositoryPath("files/\(part)/\(words[1])"), size: nil,
                sizeLimit: 1000, sha256: Digest(hex: words[0]))
        }
    }

    private static func inspection(_ key: String) -> Inspection {
        Inspection(key: "parts-\(key)") { file, stored, reader in
            inspections.withLock { $0[key, default: 0] += 1 }
            var bytes: [UInt8] = []
            try reader.forEachChunk { bytes.append(contentsOf: $0) }
            if bytes.starts(with: Array("BAD".utf8)) { throw ChantalError(.signature, "its signature is bad") }
        }
    }

    static func packages(in state: StateReader, since previous: () throws -> StateReader?, into rows: any PackageSink)
        throws
    {
        for entry in state.manifest.entries where entry.role == .package {
            try rows.add(
                PackageRow(
                    name: String(decoding: entry.path.name, as: UTF8.self), version: "1", architecture: "", group: "",
                    summary: "", digest: entry.digest, path: "\(entry.path)", size: entry.size, alias: nil))
        }
    }

    func unite(_ members: [ViewMember], _ session: SyncSession) throws -> SyncPlan {
        let index = try RepositoryPath("index.txt")
        var paths = UnitedPaths(reserved: [index])
        var entries: [ManifestEntry] = []
        for member in members {
            for var entry in member.state.manifest.entries where entry.role == .package {
                if let directory = try paths.place([(entry.path, entry.digest)], of: member.name) {
                    entry.path = entry.path.under(directory)
                }
                if !entries.contains(entry) { entries.append(entry) }
            }
        }
        return SyncPlan(roots: [], files: [], packages: entries.count, verified: false) { [entries] _ in
            let text = entries.map { "\($0.path)\n" }.sorted().joined()
            let stored = try session.put(Array(text.utf8))
            return Composition(
                entries + [ManifestEntry(path: index, digest: stored.digest, size: stored.size, role: .pointer)])
        }
    }

    static func compareVersions(_ a: String, _ b: String) -> Int { 0 }

    static func treeFiles(_ context: TreeContext) throws -> [TreeFile] {
        guard let url = context.publicURL else { return [] }
        return [
            TreeFile(
                path: try RepositoryPath("mirrorlist"),
                bytes: Array("\(url)/\(context.repository)@\(context.generation)/\n".utf8))
        ]
    }
}
