import Basics
import Foundation
import Terminal
import Testing

@testable import Catalog
@testable import ChantalCommands

@Suite("Found packages as JSON")
struct HitDocumentTests {
    @Test("every hit is written as it is, whatever signs its texts have, and however many there are")
    func texts() throws {
        let odd = (0..<300).map { number in
            let sign = String(decoding: [UInt8(number % 128)], as: UTF8.self)
            return String(repeating: "a", count: number % 19) + sign + String(repeating: "é", count: number % 3) + "z"
        }
        let texts =
            odd + ["", "\"", "\\", String(repeating: "\u{1}", count: 30_000), String(repeating: "b", count: 200_000)]
        let digest = try #require(Digest(hex: String(repeating: "0f1e2d3c4b5a6978", count: 4)))
        var document = HitDocument()
        for (number, text) in texts.enumerated() {
            Array(text.utf8).withUnsafeBytes { bytes in
                document.add(
                    SearchHitFields(
                        repository: "r\(number % 3)\"", type: "apt", name: bytes, version: bytes, architecture: bytes,
                        summary: bytes, digest: number % 2 == 0 ? digest : nil))
            }
        }
        for odd in [[0xff], [0x61, 0xc3], Array(repeating: 0x80, count: 30_000)] as [[UInt8]] {
            odd.withUnsafeBytes { bytes in
                document.add(
                    SearchHitFields(
                        repository: "damaged", type: "apt", name: bytes, version: bytes, architecture: bytes,
                        summary: bytes, digest: nil))
            }
        }
        let sink = MemorySink()
        let output = Output(data: OutputStream(sink: sink), prose: OutputStream(sink: MemorySink()))
        document.write(to: output)
        output.flush()
        let read = try #require(JSONSerialization.jsonObject(with: Data(sink.text.utf8)) as? [String: Any])
        #expect(read["format"] as? Int == 1)
        let packages = try #require(read["packages"] as? [[String: Any]])
        #expect(packages.count == texts.count + 3)
        #expect(packages[texts.count + 1]["name"] as? String == "a\u{fffd}")
        for (number, (package, text)) in zip(packages, texts).enumerated() {
            for field in ["name", "version", "architecture", "summary"] { #expect(package[field] as? String == text) }
            #expect(package["repository"] as? String == "r\(number % 3)\"" && package["type"] as? String == "apt")
            #expect(package["digest"] as? String == (number % 2 == 0 ? digest.hex : nil))
        }
    }
}
