import Basics
import Foundation
import TestSupport
import Testing

@testable import PyPI

/// Files of ../shared/fixtures/pypi, which lie beside the checkout.
enum PageVectors {
    static let directory = Project.path("../shared/fixtures/pypi")

    static func json(_ name: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(Files.read("\(directory)/\(name)")))
    }
}

@Suite("Pages of the simple API")
struct SimplePageTests {
    static let url = "https://base.invalid/simple/proj/"

    static func expected() throws -> [String: [[String: Any]]] {
        let root = try #require(try PageVectors.json("simple_pages.expected.json") as? [String: Any])
        return try #require(root["pages"] as? [String: [[String: Any]]])
    }

    @Test("lines may be broken within a link, and space stand around it")
    func spaceInLinks() throws {
        let html =
            "<a href=\" ../../f/\n\talpha-1.0-py3-none-any.whl#sha256=\(String(repeating: "ab", count: 32))\r\n\">x</a>"
        let file = try #require(try PageReader.project(Array(html.utf8), url: SimplePageTests.url).files.first)
        #expect(file.url == "https://base.invalid/f/alpha-1.0-py3-none-any.whl")
        #expect(file.filename == "alpha-1.0-py3-none-any.whl" && file.sha256 != nil)
    }

    @Test("every page of the vectors reads as pip reads it")
    func vectors() throws {
        let pages = try SimplePageTests.expected()
        #expect(pages.count == 43)
        for (name, expected) in pages.sorted(by: { $0.key < $1.key }) {
            let bytes = try Files.read("\(PageVectors.directory)/simple_pages/\(name)")
            let page = try PageReader.project(bytes, url: SimplePageTests.url)
            #expect(page.files.count == expected.count, "\(name)")
            for (file, wanted) in zip(page.files, expected) {
                let hint: Comment = "\(name): \(file) against \(wanted)"
                let url = try #require(wanted["url"] as? String)
                // A relative base has no scheme in pip, a defect that a page with it cannot mean.
                if !url.hasPrefix(":") { #expect(SimplePageTests.plain(file.url) == SimplePageTests.plain(url), hint) }
                #expect(file.filename == wanted["filename"] as? String, hint)
                #expect(file.requiresPython == wanted["requires_python"] as? String, hint)
                #expect(file.yanked == wanted["yanked"] as? String, hint)
                let hashes = wanted["hashes"] as? [String: String] ?? [:]
                let proper = hashes.filter { Checksum(ChecksumAlgorithm(rawValue: $0)!, hex: Array($1.utf8)) != nil }
                #expect(
                    Dictionary(uniqueKeysWithValues: file.checksums.map { ($0.algorithm.rawValue, $0.hex) }) == proper,
                    hint)
                #expect(file.hasBrokenChecksum == (proper.count != hashes.count), hint)
                switch file.coreMetadata {
                case .none: #expect(wanted["core_metadata"] is NSNull, hint)
                case .unhashed:
                    #expect(
                        wanted["core_metadata"] as? Bool == true || wanted["core_metadata"] is [String: String], hint)
                case .hashed(let sums):
                    #expect(wanted["core_metadata"] as? [String: String] == ["sha256": sums[0].hex], hint)
                }
            }
        }
    }

    /// pip encodes what need not be encoded.
    private static func plain(_ url: String) -> String { URLReference.decoded(url) }

    private func page(_ text: String) throws -> ProjectPage {
        try PageReader.project(Array(text.utf8), url: SimplePageTests.url)
    }

    @Test("status and its reason come from meta tags and from JSON alike")
    func status() throws {
        let html = try page(Files.text("\(PageVectors.directory)/simple_pages/own-weird.html"))
        #expect(html.status == "archived" && html.statusReason == "a & b")
        let json = try page(#"{"project-status":{"status":"quarantined","reason":"é\n"},"files":[]}"#)
        #expect(json.isQuarantined && json.statusReason == "é\n")
        #expect(try page(#"{"project-status":"archived","files":[]}"#).status == "archived")
    }

    @Test("upload times end with Z, or are not told")
    func uploadTimes() throws {
        func time(_ text: String) throws -> String? {
            try page(#"{"files":[{"url":"a-1.whl","upload-time":\#(text)}]}"#).files[0].uploadTime
        }
        #expect(try time(#""2024-01-02T03:04:05.678901Z""#) == "2024-01-02T03:04:05.678901Z")
        #expect(try time(#""2024-01-02T05:04:05+02:00""#) == "2024-01-02T03:04:05Z")
        for none in ["null", #""""#, #""yesterday""#, "17"] { #expect(try time(none) == nil) }
    }

    @Test("JSON that breaks its format is refused, with the URL")
    func malformed() throws {
        let broken = [
            "{", "{}x", #"{"files":[{"filename":"a"}]}"#, #"{"files":[,]}"#, #"{"files":{}}"#, #"{"name":"\x"}"#,
            #"{"meta":{"api-version":"2.0"},"files":[]}"#, "[]", "{}", #"{"message":"not here"}"#,
            "{\"a\":" + String(repeating: "[", count: 100_000), #"{"a":"b"#,
        ]
        for text in broken {
            let error = #expect(throws: ChantalError.self, "\(text.prefix(40))") { try page(text) }
            #expect(error?.code == .malformed && error?.url == SimplePageTests.url)
        }
        #expect(throws: ChantalError.self) { try page("<meta name=pypi:repository-version content=2.0>") }
    }

    @Test("what is called JSON is read as JSON, and HTML in its place is no empty project")
    func contentTypes() throws {
        func read(_ text: String, _ type: String?) throws -> ProjectPage {
            try PageReader.project(Array(text.utf8), url: SimplePageTests.url, contentType: type)
        }
        let json = "application/vnd.pypi.simple.v1+json"
        for type in [json, "Application/Vnd.PyPI.simple.v1+JSON; charset=utf-8"] {
            #expect(throws: ChantalError.self) { try read("<html>login</html>", type) }
            #expect(throws: ChantalError.self) { try read("", type) }
        }
        for type in ["text/html", "application/octet-stream", "application/vnd.pypi.simple.v1+html", nil] {
            #expect(try read("<a href=x-1.zip>", type).files.count == 1)
            #expect(try read(#" {"files":[{"url":"a-1.whl"}]}"#, type).files.count == 1)
        }
        #expect(throws: ChantalError.self) {
            try PageReader.projectList(Array("[]".utf8), url: SimplePageTests.url, contentType: json)
        }
        #expect(throws: ChantalError.self) { try PageReader.projectList(Array("{}".utf8), url: SimplePageTests.url) }
    }

    @Test(
        "links that are no distribution files are known from those that are",
        arguments: [
            ("../", false), ("javascript:void(0)/a-1.zip", false), ("mailto:x@y.zip", false),
            ("ftp://h/x-1.zip", false),
            ("https://example.org/home", false), ("/#sha256=00", false), ("./", false), ("x-1.zip/", false),
            ("?C=N;O=D", false), ("x-1.0-py3-none-any.whl.asc", false), ("x-1.tar.gz?a=b#sha256=00", true),
            ("x-1.0-py3-none-any.whl", true), ("X-1.TAR.BZ2", true), ("x-1-py2.7.egg", true), ("x-1.win32.exe", true),
            ("x-1.tgz", true), ("x-1.tar.xz", true), ("x-1.msi", true), ("//other.invalid/x-1.tbz", true),
        ])
    func links(reference: String, isFile: Bool) throws {
        #expect(try page("<a href='\(reference)'>up</a>").files.map(\.isDistribution) == [isFile])
    }

    @Test("a file of JSON is known by the name that it gives, whatever its URL ends with")
    func namedFiles() throws {
        let text = #"{"files":[{"filename":"x-1.zip","url":"/get/17/"},{"filename":"","url":"/get/17/"}]}"#
        #expect(try page(text).files.map(\.isDistribution) == [true, false])
    }

    @Test("a cut, hostile or empty HTML page reads as the links it has")
    func hostileHTML() throws {
        #expect(try page("").files.isEmpty)
        #expect(try page("<a href='x-1.tar.gz").files.isEmpty)
        #expect(try page("<a href=x-1.tar.gz>").files.map(\.filename) == ["x-1.tar.gz"])
        #expect(
            try page("<!-->\n<a href=x-1.zip><!-- > <a href=no> --><a/href=y-1.zip>").files.map(\.filename) == [
                "x-1.zip", "y-1.zip",
            ])
        #expect(
            try page("<script><a href=no></scripty><a href=no></script ><a\nHREF = 'z-1.zip'\n>").files.map(\.filename)
                == ["z-1.zip"])
        #expect(
            try page("<a href=a?x=1&amp;y=2#sha256=00>").files[0].url == "https://base.invalid/simple/proj/a?x=1&y=2")
        #expect(try page("<a href='../../../../../etc/p a'>").files[0].url == "https://base.invalid/etc/p%20a")
        #expect(try page(String(repeating: "<a ", count: 100_000)).files.isEmpty)
    }

    @Test("a list of projects keeps names as they are written, and serials")
    func lists() throws {
        let json = try PageReader.projectList(
            Array(
                #"{"meta":{"api-version":"1.0","_last-serial":9},"projects":[{"name":"A.b","_last-serial":7},{"name":"c"}]}"#
                    .utf8), url: "https://base.invalid/simple/")
        #expect(json.projects == [.init(name: "A.b", serial: 7), .init(name: "c", serial: nil)])
        let html = try PageReader.projectList(
            Files.read("\(PageVectors.directory)/simple_pages/jw-simple01.html"), url: "https://base.invalid/simple/")
        #expect(html.projects.count == 20)
        let named = try PageReader.projectList(
            Array("<a href='/simple/a-b/'>A.b</a>".utf8), url: "https://base.invalid/simple/")
        #expect(named.projects.map(\.name) == ["A.b"])
    }

    @Test(
        "listings of directories are lists of projects: by the text without its slash, or by the link where that is cut"
    )
    func listings() throws {
        func names(_ text: String) throws -> [String] {
            try PageReader.projectList(Array(text.utf8), url: "https://base.invalid/pypi/simple/").projects.map(\.name)
        }
        #expect(try names("<a href='../'>../</a><a href='aiproj/'>aiproj/</a>") == ["aiproj"])
        #expect(
            try names("<a href='/pypi/'>Parent Directory</a><a href='?C=N'>Name</a><a href='A_b/'>A_b/</a>") == ["A_b"])
        let long = String(repeating: "long-", count: 20) + "name"
        #expect(try names("<a href='\(long)/'>\(long.prefix(47))..&gt;</a>") == [long])
        #expect(try names("<a href='/x/index.html'>Proj</a>") == ["Proj"])
        #expect(try names("<a href='%20/'>what is this?/</a>") == ["what is this?"])
    }
}
