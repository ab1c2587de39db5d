import Basics
import Store

/// What records keep alive: the roots from which gc marks.
struct Roots: Equatable {
    /// Generations, snapshots, and states that a publication serves or served until a moment ago.
    private(set) var manifests: Set<Digest> = []
    /// Texts of trees, kept where manifests are; their lines are those of the manifests above.
    private(set) var treeTexts: Set<Digest> = []

    /// - Parameters:
    ///   - links: names under `public/` and the trees that they lead to.
    ///   - expired: generations that are about to be deleted.
    init(
        _ records: any RecordStore, links: [(name: String, tree: String)], now: Timestamp,
        without expired: [String: Set<Int>] = [:]
    ) throws {
        for (name, tree) in links {
            let words = name.split(separator: "@", maxSplits: 1)
            if words.count == 2, let number = Int(words[1]), expired[String(words[0])]?.contains(number) == true {
                continue
            }
            if let text = Digest(treeName: tree), try records.hasManifest(text) { treeTexts.insert(text) }
        }
        for repository in try records.repositories() {
            for number in try records.generations(of: repository)
            where expired[repository]?.contains(number) != true {
                let record = try records.generation(number, of: repository)
                add(record.manifest, tree: record.tree)
            }
            for snapshot in try records.snapshots(of: repository) { manifests.insert(snapshot.manifest) }
        }
        manifests.formUnion(try records.takeovers().map(\.manifest))
        for publication in try records.publications() {
            add(publication.manifest, tree: publication.tree)
            manifests.formUnion(TreeText.stillNeeded(publication.history, now: now))
        }
    }

    private mutating func add(_ manifest: Digest, tree: String) {
        manifests.insert(manifest)
        if let text = Digest(treeName: tree), text != manifest { treeTexts.insert(text) }
    }

    var texts: Set<Digest> { manifests.union(treeTexts) }

    /// Every blob that a manifest names. The lines of a tree's text are among them: a name's history is a root.
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
