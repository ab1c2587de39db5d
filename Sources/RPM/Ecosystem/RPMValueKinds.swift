import Basics
import Mirroring

extension ValueKind where Value == VerificationChoice {
    /// `true`, `false`, or a mapping with `metadata` and `packages`.
    static var verification: ValueKind {
        let flags = ValueKind<[(key: String, value: Bool)]>.mapping(of: .flag)
        let flag = ValueKind<Bool>.flag
        return ValueKind(
            typeName: "`true`, `false`, or `metadata` and `packages`",
            schema: .object([
                "anyOf": .list([
                    flag.schema,
                    .object([
                        "type": .text("object"), "additionalProperties": .flag(false),
                        "properties": .object(["metadata": flag.schema, "packages": flag.schema]),
                    ]),
                ])
            ]),
            parse: { node, context in
                guard node.entries != nil else {
                    return try flag.parse(node, context)
                        ? VerificationChoice() : VerificationChoice(metadata: false, packages: false)
                }
                var choice = VerificationChoice()
                for (key, value) in try flags.parse(node, context) {
                    switch key {
                    case "metadata": choice.metadata = value
                    case "packages": choice.packages = value
                    default:
                        throw context.error(node, "unknown key '\(key)' in 'verify'", hint: "keys: metadata, packages")
                    }
                }
                return choice
            },
            show: { choice in
                if choice.isOff { return .flag(false) }
                var entries: [SettingTree.Entry] = []
                if let metadata = choice.metadata { entries.append(.init("metadata", .flag(metadata))) }
                if let packages = choice.packages { entries.append(.init("packages", .flag(packages))) }
                return entries.isEmpty ? .flag(true) : .mapping(entries)
            })
    }
}

extension ValueKind where Value == [(key: String, value: String)] {
    /// Names without the `$`, and what they stand for.
    static var variables: ValueKind {
        let mapping = ValueKind.mapping(of: ValueKind<String>.text)
        return ValueKind(
            typeName: "mapping to text", schema: mapping.schema,
            parse: { node, context in
                let variables = try mapping.parse(node, context)
                for (key, _) in variables where key.isEmpty || !key.utf8.allSatisfy(URLVariables.isNameByte) {
                    throw context.error(node, "'\(key)' is no name of a variable: letters, digits and '_'")
                }
                return variables
            }, show: mapping.show)
    }
}

extension ValueKind where Value == ModuleChoice {
    static var module: ValueKind {
        let text = ValueKind<String>.text
        return ValueKind(
            typeName: "module", schema: text.schema,
            parse: { node, context in
                let value = try context.text(node, expected: "a module")
                guard let choice = ModuleChoice(value) else {
                    throw context.error(node, "'\(value)' is no module", hint: "write NAME or NAME:STREAM")
                }
                return choice
            }, show: { .text($0.text) })
    }
}

extension ValueKind where Value == String {
    static var fingerprint: ValueKind {
        ValueKind.text.checked { text in
            let digits = text.utf8.filter { $0 != 0x20 }
            return digits.count >= 40 && digits.count <= 64 && digits.allSatisfy { Hex.value($0) != nil }
                ? nil : "'\(text)' is no fingerprint: 40 hex digits"
        }.named("fingerprint")
    }
}
