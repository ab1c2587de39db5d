import Basics
import XML

/// Which edition of an advisory one is: the newer date, then the higher version.
struct AdvisoryEdition: Comparable {
    private let updatedAt: Timestamp
    private let version: [UInt8]

    init(updatedAt: Timestamp?, version: String) {
        self.updatedAt = updatedAt ?? Timestamp(seconds: .min)
        self.version = Array(version.utf8)
    }

    init(_ advisory: PublishedAdvisory) { self.init(updatedAt: advisory.updatedAt, version: advisory.version) }

    static func < (a: AdvisoryEdition, b: AdvisoryEdition) -> Bool {
        if a.updatedAt != b.updatedAt { return a.updatedAt < b.updatedAt }
        return a.version.withUnsafeBytes { x in b.version.withUnsafeBytes { RPMVersion.order(x, $0) < 0 } }
    }
}

/// Reads ids and editions alone, without building what is not needed for them.
final class EditionReader: MarkupHandler {
    private let emit: (String, AdvisoryEdition) throws -> Void
    private var depth = 0
    private var isInUpdate = false
    private var id = TextCollector()
    private var version = ""
    private var updated: String?
    private var issued: String?
    private var name: String?

    init(_ emit: @escaping (String, AdvisoryEdition) throws -> Void) { self.emit = emit }

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        depth += 1
        if depth == 2 {
            isInUpdate = name == "update"
            version = attributes["version"]?.text ?? ""
            (updated, issued, self.name) = (nil, nil, nil)
        } else if depth == 3, isInUpdate {
            // As everywhere, the first of a name counts.
            switch name {
            case "id": if self.name == nil { id.open() }
            case "updated": if updated == nil { updated = attributes["date"]?.text ?? "" }
            case "issued": if issued == nil { issued = attributes["date"]?.text ?? "" }
            default: break
            }
        }
    }

    func endElement(_ name: MarkupName) throws {
        if depth == 3, id.isOpen { self.name = id.close() }
        if depth == 2, isInUpdate {
            let date = updated.flatMap(PublishedAdvisory.date) ?? issued.flatMap(PublishedAdvisory.date)
            try emit(self.name ?? "", AdvisoryEdition(updatedAt: date, version: version))
        }
        depth -= 1
    }

    func characters(_ text: UnsafeRawBufferPointer) throws {
        if depth == 3 { try id.append(text) }
    }
}
