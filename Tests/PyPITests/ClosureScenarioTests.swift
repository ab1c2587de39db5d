import Basics
import Testing

@testable import PyPI

@Suite("The dependency closure and uv's scenarios", .enabled(if: Vectors.areThere))
struct ClosureScenarioTests {
    private func shelf(_ scenario: Loose) throws -> Shelf {
        let shelf = Shelf()
        let unbuilt = Set(scenario["resolver_options"]?["no_build"]?.strings ?? [])
        for (name, package) in try need(scenario["packages"]?.members).sorted(by: { $0.key < $1.key }) {
            for (version, release) in try need(package["versions"]?.members).sorted(by: { $0.key < $1.key }) {
                var needs = release["requires"]?.strings ?? []
                for (extra, extraNeeds) in release["extras"]?.members ?? [:] {
                    needs += (extraNeeds.strings ?? []).map { text in
                        let parts = text.split(separator: ";", maxSplits: 1).map(String.init)
                        let marker = parts.count == 2 ? "(\(parts[1])) and " : ""
                        return "\(parts[0]) ; \(marker)extra == '\(extra)'"
                    }
                }
                let (python, isYanked) = (release["requires_python"]?.string, release["yanked"]?.bool == true)
                let stem = "\(name.replacing("-", with: "_"))-\(version)"
                if release["wheel"]?.bool != false {
                    for tag in release["wheel_tags"]?.strings ?? ["py3-none-any"] {
                        try shelf.add("\(stem)-\(tag).whl", name, needs: needs, python: python, isYanked: isYanked)
                    }
                }
                if release["sdist"]?.bool != false, !unbuilt.contains(name) {
                    try shelf.add("\(stem).tar.gz", name, needs: needs, python: python, isYanked: isYanked)
                }
            }
        }
        return shelf
    }

    @Test("what uv resolves is kept, and what it cannot resolve is told")
    func scenarios() throws {
        var count = 0
        for scenario in try Vectors.read("resolver_scenarios.json", as: [Loose].self) {
            let options = scenario["resolver_options"]
            if options?["resolution"] != nil { continue }
            let name = try need(scenario["name"]?.string)
            let python = options?["python"]?.string ?? scenario["environment"]?["python"]?.string ?? "3.12"
            let roots = try need(scenario["root"]?["requires"]?.strings)
            let result = try shelf(scenario).closure(
                roots, python: python, platforms: ["manylinux_2_17_x86_64"],
                takesPreReleases: options?["prereleases"]?.bool == true)
            // Such scenarios are about several platforms; only one is asked for here.
            let isUniversal = options?["universal"]?.bool == true
            let isSatisfiable = try need(scenario["expected"]?["satisfiable"]?.bool)
            if isSatisfiable {
                for (project, version) in scenario["expected"]?["packages"]?.members ?? [:] {
                    let release = "\(project) \(version.string ?? "")"
                    #expect(result.releases.contains(release), "\(name): \(result.releases)")
                    count += 1
                }
                if !isUniversal { #expect(result.unsolved.isEmpty, "\(name)") }
            } else if !isUniversal, name != "transitive-yanked-and-unyanked-dependency" {
                // That one uv refuses; pip takes a yanked file for a dependency, too, that names its version.
                #expect(!result.unsolved.isEmpty, "\(name): \(result.releases)")
            }
        }
        #expect(count > 60)
    }
}
