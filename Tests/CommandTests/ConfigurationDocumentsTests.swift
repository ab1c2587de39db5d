import APT
import Foundation
import Mirroring
import PyPI
import RPM
import Testing

@Suite("The committed documents of the configuration", .serialized)
struct ConfigurationDocumentsTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let ecosystems = [
        APTEcosystem.declaration, RPMEcosystem.declaration, PyPIEcosystem.declaration,
    ]

    @Test("are those that the declarations give; CHANTAL_WRITE_DOCUMENTS=1 writes them")
    func current() throws {
        let isWriting = ProcessInfo.processInfo.environment["CHANTAL_WRITE_DOCUMENTS"] == "1"
        for document in ConfigurationDocuments.files(Self.ecosystems) {
            let url = Self.root.appendingPathComponent(document.path)
            if isWriting { try document.text.write(to: url, atomically: true, encoding: .utf8) }
            let committed = try String(contentsOf: url, encoding: .utf8)
            #expect(committed == document.text, "\(document.path) is out of date")
        }
    }

    @Test("include an example that is a configuration, as it is")
    func example() throws {
        let path = Self.root.appendingPathComponent("chantal.yaml.example").path
        let (configuration, errors) = Configuration.check(path: path, ecosystems: Self.ecosystems, environment: [:])
        #expect(errors.map(\.description) == [])
        #expect(configuration?.repositories.map(\.type) == Self.ecosystems.map(\.type))
    }
}
