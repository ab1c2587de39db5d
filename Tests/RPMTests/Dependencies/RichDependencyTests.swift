import Testing

@testable import RPM

@Suite struct RichDependencyTests {
    /// With all its parentheses.
    private func text(_ dependency: RichDependency) -> String {
        func chain(_ parts: [RichDependency], _ word: String) -> String {
            "(\(parts.map { text($0) }.joined(separator: " \(word) ")))"
        }
        func conditional(
            _ word: String, _ then: RichDependency, _ condition: RichDependency, _ other: RichDependency?
        ) -> String {
            "(\(text(then)) \(word) \(text(condition))\(other.map { " else \(text($0))" } ?? ""))"
        }
        switch dependency {
        case .plain(let plain):
            return plain.sense.isEmpty ? plain.name.text : "\(plain.name.text) \(plain.sense.sign) \(plain.evr.text)"
        case .and(let parts): return chain(parts, "and")
        case .or(let parts): return chain(parts, "or")
        case .with(let parts): return chain(parts, "with")
        case .without(let a, let b): return "(\(text(a)) without \(text(b)))"
        case .ifThere(let then, let condition, let other): return conditional("if", then, condition, other)
        case .unlessThere(let then, let condition, let other): return conditional("unless", then, condition, other)
        }
    }

    private func parsed(_ short: String) -> String? {
        Array(short.utf8).withUnsafeBytes { RichDependency($0).map(text) }
    }

    @Test(
        "boolean dependencies read as rpm writes them",
        arguments: [
            "(a or b or c)", "(a >= 1.0-2 if b)", "(a if (b and c) else d = 1)", "((a with b > 2) or (c without d))",
            "(perl(Foo::Bar) and libc.so.6(GLIBC_2.4)(64bit))", "(a unless b else c)", "(a and b < 2:1~rc1)",
            "(pkgconfig(x) >= 1 with pkgconfig(x) < 2)", "plain", "plain <= 3",
        ])
    func reads(text: String) { #expect(parsed(text) == text) }

    @Test(
        "what is none is none",
        arguments: [
            "", "(", "()", "(a", "(a or)", "(a or b and c)", "(a xor b)", "(a if b else c else d)", "a b", "(a >=)",
            "(a => 1)", String(repeating: "(", count: 100) + "a" + String(repeating: ")", count: 100),
        ])
    func refuses(text: String) { #expect(parsed(text) == nil) }

    @Test("ranges meet as rpm has it")
    func senses() {
        let rows: [(String, String, Int, Bool)] = [
            ("=", ">=", 0, true), ("=", ">", 0, false), ("=", ">", 1, true), ("=", "<", 1, false),
            (">=", "=", -1, true),
            (">=", "<", -1, true), ("<", ">", 0, false), ("<=", ">=", 0, true), (">", ">", -1, true),
            ("<", "<", 1, true),
        ]
        for (has, wants, order, expected) in rows {
            let (a, b) = (Sense(sign: Array(has.utf8)) ?? [], Sense(sign: Array(wants.utf8)) ?? [])
            #expect(a.meets(b, order: order) == expected, "\(has) \(wants) \(order)")
        }
        #expect(Sense().meets(.equal, order: 1) && Sense.equal.meets([], order: 1))
    }
}
