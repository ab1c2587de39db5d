/// Which long descriptions belong to the packages that are kept: they go with the packages of their component.
final class Descriptions {
    private var keys: [String: Set<String>] = [:]

    /// A description belongs to packages by their name and the MD5 of the text. Packages that hold the text itself need not tell its MD5:
    /// then all descriptions of that name are kept.
    func note(_ package: Stanza, component: String?) {
        guard let name = package[.package]?.text else { return }
        let key = package[.descriptionMD5].map { "\(name) \($0.text)" } ?? Descriptions.any(name)
        keys[component ?? "", default: []].formUnion([name, key])
    }

    func holds(_ description: Stanza, component: String?) -> Bool {
        guard let name = description[.package]?.text, let keys = keys[component ?? ""] else { return false }
        let key = description[.descriptionMD5].map { "\(name) \($0.text)" } ?? name
        return keys.contains(key) || keys.contains(Descriptions.any(name))
    }

    private static func any(_ name: String) -> String { name + " *" }
}
