import Basics
import XML

/// Writes down what a parser tells, one word an event.
final class Recorder: MarkupHandler {
    var events: [String] = []
    private var text: [UInt8] = []
    /// Thrown at the first element of this name.
    var refuses: String?

    func startElement(_ name: MarkupName, _ attributes: MarkupAttributes) throws {
        flush()
        if name.text == refuses { throw ChantalError(.malformed, "no \(name.text) is wanted") }
        var line = "<\(name.text)"
        for index in 0..<attributes.count {
            let prefix = attributes.prefix(index).map { "\($0.text):" } ?? ""
            line += " \(prefix)\(attributes.name(index).text)=\(attributes.value(index).text)"
        }
        events.append(line)
    }

    func endElement(_ name: MarkupName) throws {
        flush()
        events.append("/\(name.text)")
    }

    func characters(_ text: UnsafeRawBufferPointer) throws { self.text.append(contentsOf: text) }

    private func flush() {
        let shown = String(decoding: text, as: UTF8.self)
        if shown.contains(where: { !$0.isWhitespace }) { events.append("'\(shown)'") }
        text = []
    }
}
