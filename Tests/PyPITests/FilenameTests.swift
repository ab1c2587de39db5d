import Testing

@testable import PyPI

@Suite("File names and tags", .enabled(if: Vectors.areThere))
struct FilenameTests {
    let rows: [String: Loose]

    init() throws { rows = try Vectors.read("dist_filenames.json") }

    private func section(_ name: String) throws -> [Loose] { try need(rows[name]?.items) }

    @Test("wheels have the name, version, build and tags that packaging reads")
    func wheels() throws {
        for row in try section("wheel_valid") {
            let text = try need(row["i"]?.string)
            guard let wheel = WheelFilename(text) else {
                Issue.record("\(text) is not read")
                continue
            }
            let name = try need(row["name"]?.string)
            #expect(wheel.name == ProjectName(name), "\(text)")
            #expect(wheel.version.description == row["version"]?.string, "\(text)")
            #expect(Set(wheel.tags.map(\.description)) == Set(try need(row["tags"]?.strings)))
            let build = try need(row["build"]?.items)
            if build.isEmpty {
                #expect(wheel.build == nil)
            } else {
                #expect(wheel.build.map { Loose.number(Double($0.number) ?? -1) } == build[0], "\(text)")
                #expect(wheel.build?.rest == build[1].string, "\(text)")
            }
        }
        for row in try section("wheel_invalid") {
            let text = try need(row.items?[0].string)
            #expect(WheelFilename(text) == nil, "\(text)")
        }
    }

    @Test("source distributions are read with and without their project")
    func sources() throws {
        for row in try section("sdist_valid") {
            let text = try need(row["i"]?.string)
            let read = SourceFilename(text)
            #expect(read?.name.text == row["name"]?.string, "\(text)")
            #expect(read?.version.description == row["version"]?.string, "\(text)")
            let project = try need(read?.name)
            #expect(DistributionFilename(text, of: project)?.isSource == true)
        }
        for row in try section("sdist_invalid") {
            let text = try need(row.items?[0].string)
            #expect(SourceFilename(text) == nil, "\(text)")
        }
        for row in try section("with_known_project") {
            let fields = try need(row.items)
            let text = try need(fields[0].string)
            let project = try need(ProjectName(try need(fields[1].string)))
            #expect(DistributionFilename(text, of: project)?.version.description == fields[2].string, "\(text)")
        }
    }

    @Test("a target takes the wheels that packaging takes, and prefers the same one")
    func compatibility() throws {
        let table = try Vectors.read("wheel_tag_compat.json", as: [String: Loose].self)
        let names = try need(table["wheels"]?.strings)
        let wheels = try names.map { try need(WheelFilename($0)) }
        for row in try need(table["targets"]?.items) {
            let (python, platforms) = (
                try need(row["python"]?.string), try need(row["platforms"]?.strings)
            )
            let platform = try need(TargetPlatform(platforms[0]))
            let target = try need(Target(python: python, platform: platform))
            #expect(platform.tags == platforms)
            let tags = SupportedTags(target)
            let fitting = zip(names, wheels).filter { tags.isInstallable($0.1) }.map(\.0)
            #expect(fitting == row["compatible"]?.strings, "\(target)")
            #expect(tags.best(of: wheels).map { names[$0] } == row["best"]?.string, "\(target)")
            let first = try need(row["first_tags"]?.strings)
            let ranks = first.map { text -> Int? in
                let parts = text.split(separator: "-").map(String.init)
                return tags.rank(of: WheelTag(python: parts[0], abi: parts[1], platform: parts[2]))
            }
            #expect(!ranks.contains(nil) && ranks.compactMap { $0 } == ranks.compactMap { $0 }.sorted(), "\(target)")
        }
    }

    @Test("of equal wheels the one with the greater build tag is preferred")
    func builds() throws {
        let names = ["p-1-py3-none-any.whl", "p-1-9-py3-none-any.whl", "p-1-10a-py3-none-any.whl"]
        let target = try need(Target(python: "3.11", platform: try need(TargetPlatform("win32"))))
        #expect(SupportedTags(target).best(of: try names.map { try need(WheelFilename($0)) }) == 2)
    }

    @Test("what is no target is refused", arguments: ["", "4.0", "3", "3.11.1.1", "3.x", "3.1١"])
    func pythons(text: String) throws {
        #expect(Target(python: text, platform: try need(TargetPlatform("win32"))) == nil)
    }

    @Test(
        "what is no platform is refused",
        arguments: ["", "manylinux_2_17", "manylinux_3_1_x86_64", "macosx_11_arm64", "win_", "any", "linux"])
    func platforms(text: String) {
        #expect(TargetPlatform(text) == nil)
    }
}
