extension House {
    /// The dependencies of each `room(…)` and executable target in a Package.swift.
    static func declarations(in manifest: String) -> [String: Set<String>] {
        let pattern = /(?:room\(\s*|executableTarget\(\s*name:\s*)"(\w+)",\s*(?:dependencies:\s*)?\[([^\]]*)\]/
        var result: [String: Set<String>] = [:]
        for match in manifest.matches(of: pattern) {
            result[String(match.1)] = Set(match.2.matches(of: /"(\w+)"/).map { String($0.1) })
        }
        return result
    }
}
