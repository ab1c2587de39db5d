import Basics
import Store

/// What records keep alive: the roots from which gc marks.
struct Roots {
    /// Generations, snapshots, and states that a publication serves or served until a moment ago.
    private(set) var manifests: Set<Digest> = []
    /// Texts of trees, and differences of states, kept where manifests are; their lines are those of the manifests above.
    private(set) var treeTexts: Set<Digest> = []
    /// Who needs each text, in words. A generation's record may name a tree that is served no more: its text is kept and not needed.
    private var owners: [Digest: String] = [:]

    /// - Parameters:
    ///   - links: names under `public/` and the trees that they lead to.
    ///   - expired: generations that are about to be deleted.
    init(
        _ records: any RecordStore, links: [(name: String, tree: String)], now: Timestamp,
        without expired: [String: Set<Int>] = [:]
    ) throws {
        var names: Set<String> = []
        for repository in try records.repositories() {
            for number in try records.generations(of: repository)
            where expired[repository]?.contains(number) != true {
                guard let record = try records.generationIfPresent(number, of: repository) else { continue }
                names.insert("\(repository)@\(number)")
                need(record.manifest, "generation \(number) of '\(repository)'")
                if let text = Digest(treeName: record.tree), text != record.manifest { treeTexts.insert(text) }
            }
            for snapshot in try records.snapshots(of: repository) {
                names.insert("\(repository)@\(snapshot.name)")
                need(snapshot.manifest, "the snapshot '\(repository)@\(snapshot.name)'")
            }
        }
        for takeover in try records.takeovers() {
            need(takeover.manifest, "what was taken over for '\(takeover.repository)'")
        }
        for publication in try records.publications() {
            names.insert(publication.name)
            need(publication.manifest, "the publication '\(publication.name)'")
            if let text = Digest(treeName: publication.tree) { needTree(text, "the publication '\(publication.name)'") }
            for state in TreeText.stillNeeded(publication.history, now: now) {
                need(state.manifest, "the publication '\(publication.name)', which served it,")
                if let gone = state.gone { treeTexts.insert(gone) }
            }
        }
        for (name, tree) in links {
            let words = name.split(separator: "@", maxSplits: 1)
            if words.count == 2, let number = Int(words[1]), expired[String(words[0])]?.contains(number) == true {
                continue
            }
            guard let text = Digest(treeName: tree) else { continue }
            // A link that nothing asks for any more is on its way out.
            if names.contains(name) { needTree(text, "the tree of '\(name)'") } else { treeTexts.insert(text) }
        }
    }

    private mutating func need(_ manifest: Digest, _ owner: String) {
        manifests.insert(manifest)
        owners[manifest] = owners[manifest] ?? owner
    }

    private mutating func needTree(_ text: Digest, _ owner: String) {
        if !manifests.contains(text) { treeTexts.insert(text) }
        owners[text] = owners[text] ?? owner
    }

    var texts: Set<Digest> { manifests.union(treeTexts) }

    /// Texts that somebody needs and that are not there. Another gc may have removed one after this was read: only one that is
    /// missing for who reads the records again is lost.
    func missing(_ records: any RecordStore) throws -> [(text: Digest, owner: String)] {
        try owners.sorted { $0.key < $1.key }.filter { try !records.hasManifest($0.key) }.map { ($0.key, $0.value) }
    }

    /// Every blob that a manifest names. The lines of a tree's text are among them: a name's history is a root. A text that is not there
    /// is passed over: see ``missing(_:)``.
    /// - Throws: ``ChantalError`` `store` if a manifest is damaged.
    func blobs(_ records: any RecordStore, since known: Roots? = nil) throws -> Set<Digest> {
        var result: Set<Digest> = []
        for text in texts where known?.texts.contains(text) != true {
            guard try records.hasManifest(text) else { continue }
            try records.forEachLine(of: text) { result.insert($0.digest) }
        }
        return result
    }
}

extension Digest {
    /// The text that a tree under `public/.trees` was made from: its name, or the name before the first dot.
    init?(treeName: String) {
        self.init(hex: String(treeName.prefix(Digest.hexCount)))
    }
}
