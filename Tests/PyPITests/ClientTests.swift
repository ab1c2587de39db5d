import Foundation
import TestSupport
import Testing

@Suite("Mirrors read by pip and uv")
struct ClientTests {
    @Test("pip of three ages and uv install from a mirror of JSON and of HTML", arguments: [true, false])
    func install(json: Bool) throws {
        let site = try PyPISite(
            form: json ? .json : .html,
            packages: [
                PythonPackage("alpha", "1.0"), PythonPackage("alpha", "2.0", requiresPython: ">=3.8"),
                PythonPackage("Weird.Name_x", "1.0", requires: ["alpha>1"], hasSource: true),
                PythonPackage("from-source", "1.5", tags: [], hasSource: true),
            ])
        try site.sync()
        try site.sync("unchanged")
        let nginx = try site.nginx()
        for tool in PythonClient.Tool.allCases {
            let client = try PythonClient(tool)
            let result = try client.install("\(nginx.url)/python/simple/", "weird-name-x", "from-source")
            #expect(result.status == 0, "\(result.report)")
            #expect(try client.installed() == ["alpha 2.0", "from_source 1.5", "weird_name_x 1.0"], "\(tool)")
        }
        #expect(try nginx.errorLog == "")
    }
}
