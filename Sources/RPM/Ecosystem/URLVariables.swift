import Basics

/// Variables in URLs as dnf has them: `$releasever`, `${basearch}`.
enum URLVariables {
    static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_")
    }

    /// A URL with its variables replaced.
    /// - Throws: ``ChantalError`` `config` for a variable that has no value.
    static func replace(in url: String, _ variables: [(key: String, value: String)]) throws -> String {
        var result: [UInt8] = []
        var rest = Array(url.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$") else {
                result.append(byte)
                continue
            }
            let isBraced = rest.first == UInt8(ascii: "{")
            if isBraced { rest.removeFirst() }
            let name = String(decoding: rest.prefix(while: isNameByte), as: UTF8.self)
            rest = rest.drop(while: isNameByte)
            guard let value = variables.first(where: { $0.key == name })?.value,
                !isBraced || rest.popFirst() == UInt8(ascii: "}")
            else {
                throw ChantalError(
                    .config, "the URL '\(Redaction.url(url))' has the variable '$\(name)', which has no value",
                    hint: "give it one: 'variables: {\(name.isEmpty ? "releasever" : name): …}'")
            }
            result += value.utf8
        }
        return String(decoding: result, as: UTF8.self)
    }
}
