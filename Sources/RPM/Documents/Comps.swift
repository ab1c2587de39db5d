import Basics

/// Groups, categories and environments of packages: the document that repomd calls `group` (libcomps' comps.rng).
struct Comps {
    private var root: DocumentElement

    /// No distribution's comes near this: Fedora's has 3 MB.
    static let sizeLimit = 64 << 20

    init(_ bytes: [UInt8], file: String) throws {
        root = try DocumentReader.read(Comps.withoutDoctype(bytes), file: file, root: "comps")
    }

    /// Every group's id and its packages, in the order of the document.
    var groups: [(id: String, packages: [String])] {
        root.children.filter { $0.name == "group" }.map { group in
            (
                Comps.id(group),
                group["packagelist"]?.children.filter { $0.name == "packagereq" }.map(\.trimmedText) ?? []
            )
        }
    }

    /// The packages of groups, and of environments by their groups; nil if nothing has this id or name.
    func packages(of name: String) -> Set<String>? {
        var wanted: Set<String> = []
        var isKnown = false
        for child in root.children where child.name == "group" || child.name == "environment" {
            guard Comps.id(child) == name || child["name"]?.trimmedText == name else { continue }
            isKnown = true
            if child.name == "group" {
                wanted.insert(Comps.id(child))
            } else {
                wanted.formUnion(child["grouplist"]?.children.map(\.trimmedText) ?? [])
            }
        }
        guard isKnown else { return nil }
        return groups.reduce(into: []) { if wanted.contains($1.id) { $0.formUnion($1.packages) } }
    }

    /// Without packages that are not kept, without the groups that have none left, and without categories and environments that have
    /// no groups left.
    func filtered(keeping isKept: (String) -> Bool) -> Comps {
        var result = self
        var ids: Set<String> = []
        result.root.children = root.children.compactMap { child in
            guard child.name == "group", let group = child.pruned("packagelist", { isKept($0.trimmedText) }) else {
                return child.name == "group" ? nil : child
            }
            ids.insert(Comps.id(group))
            return group
        }
        result.root.children = result.root.children.compactMap { child in
            switch child.name {
            case "category": return child.pruned("grouplist", { ids.contains($0.trimmedText) })
            case "environment":
                // Optional groups alone make no environment.
                guard let environment = child.pruned("grouplist", { ids.contains($0.trimmedText) }) else { return nil }
                return environment.pruned("optionlist", mayBeEmpty: true) { ids.contains($0.trimmedText) }
            case "langpacks":
                let kept = child.children.filter { match in match.attribute("name").map(isKept) ?? true }
                var langpacks = child
                langpacks.children = kept
                return kept.isEmpty ? nil : langpacks
            default: return child
            }
        }
        return result
    }

    /// Several documents as one. Groups of one id become one with all their packages; of anything else with one id the first counts.
    static func merged(_ documents: [Comps]) -> Comps? {
        guard var result = documents.first else { return nil }
        for document in documents.dropFirst() {
            for child in document.root.children {
                let same = result.root.children.firstIndex {
                    $0.name == child.name && (Comps.id($0).isEmpty ? $0 == child : Comps.id($0) == Comps.id(child))
                }
                guard let same else {
                    result.root.children.append(child)
                    continue
                }
                for list in ["packagelist", "grouplist", "optionlist"] {
                    result.root.children[same].take(list, from: child)
                }
            }
        }
        return result
    }

    /// Whether there is nothing left.
    var isEmpty: Bool { root.children.isEmpty }

    /// The document, the same for the same content.
    func bytes() -> [UInt8] {
        var writer = ElementWriter()
        writer.raw(documentDeclaration)
        writer.raw("<!DOCTYPE comps PUBLIC \"-//Red Hat, Inc.//DTD Comps info//EN\" \"comps.dtd\">\n")
        root.write(to: &writer, indent: 0)
        return writer.bytes
    }

    private static func id(_ element: DocumentElement) -> String { element["id"]?.trimmedText ?? "" }

    /// Real comps name a document type that nobody reads. It goes, if it declares nothing itself; lines keep their numbers.
    private static func withoutDoctype(_ bytes: [UInt8]) -> [UInt8] {
        let mark = Array("<!DOCTYPE comps".utf8)
        let head = bytes.prefix(4096)
        guard let start = head.indices.first(where: { head[$0...].starts(with: mark) }),
            let end = head[start...].firstIndex(of: UInt8(ascii: ">")), !head[start..<end].contains(UInt8(ascii: "["))
        else { return bytes }
        var result = bytes
        for index in start...end where result[index] != 0x0a { result[index] = 0x20 }
        return result
    }
}

extension DocumentElement {
    /// With only those members of a list that are wanted; nil if none is left.
    fileprivate func pruned(
        _ list: String, mayBeEmpty: Bool = false, _ isWanted: (DocumentElement) -> Bool
    ) -> DocumentElement? {
        var result = self
        var left = 0
        for index in children.indices where children[index].name == list {
            result.children[index].children = children[index].children.filter(isWanted)
            left += result.children[index].children.count
        }
        if left > 0 { return result }
        if !mayBeEmpty { return nil }
        result.children.removeAll { $0.name == list }
        return result
    }

    /// Members of another's list that are not in one's own.
    fileprivate mutating func take(_ list: String, from other: DocumentElement) {
        guard let added = other[list] else { return }
        guard let index = children.firstIndex(where: { $0.name == list }) else {
            children.append(added)
            return
        }
        for member in added.children
        where !children[index].children.contains(where: {
            $0.name == member.name && $0.trimmedText == member.trimmedText
        }) {
            children[index].children.append(member)
        }
    }
}
