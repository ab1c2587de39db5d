import Basics
import XML

/// updateinfo.xml: what a repository's updates are for. Real ones have 100 MB; only one advisory at a time is held.
///
/// One id may stand there several times, in one document or in several that become one: the edition with the newest `updated` counts,
/// of those the one with the highest version, and of those that are alike in both all together.
struct UpdateInfo {
    /// Gives an open document's bytes to a body, in pieces. Called twice.
    typealias Source = (_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    /// In their order.
    let sources: [(file: String, read: Source)]

    init(_ sources: [(file: String, read: Source)]) { self.sources = sources }

    /// Every advisory as it stands there.
    func read(_ body: (PublishedAdvisory) throws -> Void) throws {
        try withoutActuallyEscaping(body) { body in
            try each {
                DocumentReader { element in
                    if element.name == "update" { try body(PublishedAdvisory(element)) }
                }
            }
        }
    }

    /// Reads all sources with a new handler each.
    private func each(_ handler: () -> any MarkupHandler) throws {
        for (file, read) in sources {
            let parser = try XMLParser(file: file, root: "updates", handler: handler())
            try read { try parser.write($0) }
            try parser.finish()
        }
    }

    /// What is told of one id.
    private struct Editions {
        var newest: AdvisoryEdition
        /// How many are alike in date and version.
        var count = 1
        var merged: MergedAdvisory?
    }

    /// Writes a document with the advisories that have a package left, each once, in their first order.
    /// - Returns: how many.
    func write(
        keeping isKept: (AdvisoryPackage) -> Bool, to output: ([UInt8]) throws -> Void
    ) throws -> Int {
        var editions: [String: Editions] = [:]
        try each({
            EditionReader { id, edition in
                guard let known = editions[id] else {
                    editions[id] = Editions(newest: edition)
                    return
                }
                if edition == known.newest {
                    editions[id]?.count += 1
                } else if known.newest < edition {
                    editions[id] = Editions(newest: edition)
                }
            }
        })
        try output(Array("\(documentDeclaration)<updates>\n".utf8))
        var written = 0
        try read { advisory in
            let id = advisory.id
            guard editions[id]?.newest == AdvisoryEdition(advisory), let count = editions[id]?.count else { return }
            editions[id]?.count -= 1
            if count > 1 {
                // In its place: a copy would cost as much as all that came before.
                if editions[id]?.merged?.add(advisory) == nil { editions[id]?.merged = MergedAdvisory(advisory) }
                return
            }
            var known = editions.removeValue(forKey: id)?.merged
            known?.add(advisory)
            let merged = known?.advisory ?? advisory
            guard let kept = merged.filtered(keeping: isKept) else { return }
            var writer = ElementWriter()
            kept.element.write(to: &writer, indent: 2)
            try output(writer.bytes)
            written += 1
        }
        try output(Array("</updates>\n".utf8))
        return written
    }
}
