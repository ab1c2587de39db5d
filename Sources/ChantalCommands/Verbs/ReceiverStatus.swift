import Basics

/// What `chantal status --json` of the receiving side says it has.
enum ReceiverStatus {
    /// The manifests of its repositories and publications, with names for people.
    /// - Throws: ``ChantalError`` `usage` for any other file.
    static func manifests(_ bytes: [UInt8], name: String) throws -> [(id: Digest, name: String)] {
        guard case .object(let members)? = JSONReader.value(String(decoding: bytes, as: UTF8.self)) else {
            throw other(name)
        }
        func list(_ key: String) throws -> [JSONValue] {
            guard case .array(let values)? = members.first(where: { $0.name == key })?.value else { throw other(name) }
            return values
        }
        var result: [(id: Digest, name: String)] = []
        for (key, label) in [("repositories", "repository"), ("publications", "name")] {
            for value in try list(key) {
                guard case .object(let fields) = value else { throw other(name) }
                func text(_ key: String) -> String? {
                    guard case .string(let text)? = fields.first(where: { $0.name == key })?.value else { return nil }
                    return text
                }
                guard let digest = text("manifest").flatMap({ Digest(hex: $0) }) else { continue }
                if !result.contains(where: { $0.id == digest }) {
                    result.append((digest, shown(text(label) ?? "?")))
                }
            }
        }
        return result
    }

    /// Part of a line of the bundle: one word.
    private static func shown(_ name: String) -> String {
        String(name.prefix(200).map { $0.isASCII && !$0.isWhitespace && $0 > " " ? $0 : "?" })
    }

    private static func other(_ name: String) -> ChantalError {
        ChantalError(
            .usage, "'\(name)' is neither a bundle nor what `chantal status --json` writes",
            hint: "on the receiving side: chantal --json status > status.json", path: name)
    }
}
