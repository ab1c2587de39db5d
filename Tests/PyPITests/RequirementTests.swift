import Testing

@testable import PyPI

@Suite("Requirements and markers", .enabled(if: Vectors.areThere))
struct RequirementTests {
    @Test("requirements are read and written as packaging does it")
    func requirements() throws {
        let rows = try Vectors.read("requirements_pep508.json", as: [String: Loose].self)
        for row in try need(rows["valid"]?.items) {
            let text = try need(row["i"]?.string)
            guard let read = try? Requirement(text) else {
                Issue.record("\(text) is not read")
                continue
            }
            #expect(read.nameText == row["name"]?.string, "\(text)")
            #expect(read.name.text == row["norm"]?.string, "\(text)")
            #expect(read.extraTexts.sorted() == row["extras"]?.strings, "\(text)")
            #expect(read.specifiers.description == row["spec"]?.string, "\(text)")
            #expect(read.url == row["url"]?.string, "\(text)")
            #expect(read.marker?.description == row["marker"]?.string, "\(text)")
            #expect(read.description == row["str"]?.string, "\(text)")
        }
        for row in try need(rows["invalid"]?.items) {
            let text = try need(row.string)
            #expect(throws: (any Error).self, "\(text)") { try Requirement(text) }
        }
    }

    @Test("markers are evaluated as packaging does it, for every environment and extra")
    func markers() throws {
        let rows = try Vectors.read("markers.json", as: [String: Loose].self)
        var environments: [String: MarkerEnvironment] = [:]
        for row in try need(rows["environments"]?.items) {
            var values: [MarkerVariable: String] = [:]
            for (name, value) in try need(row.members) {
                if let variable = MarkerVariable(name: name) { values[variable] = value.string }
            }
            environments[try need(row["name"]?.string)] = MarkerEnvironment(values)
        }
        let extras = try need(rows["extras_order"]?.strings)
        for row in try need(rows["valid"]?.items) {
            let text = try need(row["i"]?.string)
            guard let marker = try? Marker(text) else {
                Issue.record("\(text) is not read")
                continue
            }
            #expect(marker.description == row["norm"]?.string, "\(text)")
            for (name, expected) in try need(row["r"]?.members) {
                let environment = try need(environments[name])
                for (index, extra) in extras.enumerated() {
                    let answer = try? marker.holds(in: environment, extras: extra.isEmpty ? [] : [extra])
                    switch expected {
                    case .array(let answers): #expect(answer == answers[index].bool, "\(text) \(name) \(extra)")
                    default: #expect(answer == expected.bool, "\(text) \(name) \(extra)")
                    }
                }
            }
        }
        for row in try need(rows["invalid"]?.items) {
            let text = try need(row.string)
            #expect(throws: (any Error).self, "\(text)") { try Marker(text) }
        }
    }

    @Test("parentheses without end, and a text of a mebibyte, are refused")
    func hostile() {
        let deep = String(repeating: "(", count: 100_000) + "os_name == 'nt'"
        #expect(throws: (any Error).self) { try Marker(deep) }
        #expect(throws: (any Error).self) { try Requirement("a; " + deep) }
        #expect(throws: (any Error).self) { try Requirement(String(repeating: "a", count: 1 << 20)) }
    }
}
