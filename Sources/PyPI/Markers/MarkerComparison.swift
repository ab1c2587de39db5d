import Basics

/// `python_version >= "3.8"`, `"linux" in sys_platform`.
struct MarkerComparison: Sendable, Hashable {
    enum Operand: Sendable, Hashable {
        case variable(MarkerVariable)
        case text(String)

        /// What it is as a value where the other side is the variable that counts.
        var plain: String {
            switch self {
            case .variable(let variable): variable.rawValue
            case .text(let text): text
            }
        }

        var serialized: String {
            switch self {
            case .variable(let variable): variable.rawValue
            case .text(let text): text.contains("\"") ? "'\(text)'" : "\"\(text)\""
            }
        }
    }

    let left: Operand
    /// `==`, `in`, `not in`, …
    let relation: String
    let right: Operand
    /// The right side as a clause on the left one, if that is a version.
    private let clause: Specifier?

    init(left: Operand, relation: String, right: Operand) {
        (self.left, self.relation, self.right) = MarkerComparison.normalised(left, relation, right)
        if case .variable(let variable) = left, variable.isVersion {
            clause = Specifier(relation + self.right.plain)
        } else {
            clause = nil
        }
    }

    /// Names of extras are compared in their normal form (PEP 685).
    private static func normalised(
        _ left: Operand, _ relation: String, _ right: Operand
    ) -> (Operand, String, Operand) {
        switch (left, right) {
        case (.variable(.extra), .text(let text)): (left, relation, .text(ExtraName.normalised(text)))
        case (.text(let text), .variable(.extra)): (.text(ExtraName.normalised(text)), relation, right)
        default: (left, relation, right)
        }
    }

    func uses(_ variable: MarkerVariable) -> Bool { left == .variable(variable) || right == .variable(variable) }

    func holds(_ environment: MarkerEnvironment, extra: String) throws -> Bool {
        func value(_ variable: MarkerVariable) throws -> String {
            if variable == .extra { return extra }
            guard let value = environment[variable] else {
                throw error("'\(variable.rawValue)' is not known here")
            }
            return value
        }
        let key: MarkerVariable
        let (subject, object): (String, String)
        switch (left, right) {
        case (let member, .variable(let variable)) where environment.set(variable) != nil:
            let isMember = environment.set(variable)?.contains(ExtraName.normalised(member.plain)) == true
            if relation == "in" || relation == "not in" { return isMember == (relation == "in") }
            throw error("'\(relation)' means nothing for \(variable.rawValue)")
        case (.variable(let variable), _):
            if let clause {
                let value = try value(variable)
                if clause.relation == .arbitrary { return clause.matches(text: value) }
                return environment.version(variable).map(clause.matches) ?? false
            }
            (key, subject, object) = (variable, try value(variable), right.plain)
        case (.text(let text), .variable(let variable)):
            (key, subject, object) = (variable, text, try value(variable))
            if variable.isVersion, let clause = Specifier(relation + object) { return clause.matches(text: text) }
        case (.text, .text): throw error("neither side asks for anything")
        }
        switch relation {
        case "in": return subject.isEmpty || object.contains(subject)
        case "not in": return !subject.isEmpty && !object.contains(subject)
        case "==", "<=", ">=": return subject == object
        case "!=": return subject != object
        case "<", ">": return false
        default: throw error("'\(relation)' means nothing for \(key.rawValue)")
        }
    }

    private func error(_ reason: String) -> ChantalError {
        ChantalError(.malformed, "the marker '\(self)' cannot be evaluated: \(reason)")
    }
}

extension MarkerComparison: CustomStringConvertible {
    var description: String { "\(left.serialized) \(relation) \(right.serialized)" }
}
