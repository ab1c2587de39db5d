import Basics
internal import CYAML

/// One step of a document (yaml_event_t, without its C memory).
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar(text: String, isPlain: Bool, anchor: String?, tag: String?)
        case sequenceStart(anchor: String?, tag: String?)
        case sequenceEnd
        case mappingStart(anchor: String?, tag: String?)
        case mappingEnd
        case alias(String)
    }

    let kind: Kind
    let line: Int
    let column: Int
}

/// Owns a libyaml parser and the bytes it reads.
final class EventReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    let file: String

    /// - Parameter bytes: valid UTF-8 without a byte order mark.
    init(_ bytes: ArraySlice<UInt8>, file: String) throws {
        self.file = file
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            throw ChantalError(.io, "\(file): no memory to read it", path: file)
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    func next() throws -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
        defer { yaml_event_delete(&event) }
        let place = event.start_mark
        return YAMLEvent(kind: kind(of: event), line: Int(place.line) + 1, column: Int(place.column) + 1)
    }

    private func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        func string(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? { bytes.map { String(cString: $0) } }
        switch event.type {
        case YAML_STREAM_START_EVENT, YAML_NO_EVENT: return .streamStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return .sequenceStart(anchor: string(start.anchor), tag: string(start.tag))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return .mappingStart(anchor: string(start.anchor), tag: string(start.tag))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        default:
            let scalar = event.data.scalar
            let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                text: String(decoding: text, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                anchor: string(scalar.anchor), tag: string(scalar.tag))
        }
    }

    /// What libyaml found wrong, at the place where it found it.
    private func problem() -> ChantalError {
        let state = parser.pointee
        let what = state.problem.map { String(cString: $0) } ?? "not readable as YAML"
        switch state.error {
        case YAML_MEMORY_ERROR:
            return ChantalError(.io, "\(file): no memory to read it", path: file)
        case YAML_READER_ERROR:
            let place = SourcePosition(offset: Int(state.problem_offset), in: input)
            return .yaml(file, place.line, place.column, "\(what) (0x\(String(state.problem_value, radix: 16)))")
        default:
            let place = state.problem_mark
            let context = state.context.map { " (\(String(cString: $0)), line \(state.context_mark.line + 1))" } ?? ""
            let hint = indentsWithTab(line: Int(place.line)) ? "indent with spaces, YAML takes no tabs there" : nil
            return .yaml(file, Int(place.line) + 1, Int(place.column) + 1, what + context, hint: hint)
        }
    }

    private func indentsWithTab(line: Int) -> Bool {
        let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: line + 1, omittingEmptySubsequences: false)
        guard line < lines.count else { return false }
        return lines[line].prefix(while: { $0 == 0x20 || $0 == 0x09 }).contains(0x09)
    }
}

/// Line and column from 1 of a byte.
struct SourcePosition {
    var line = 1
    var column = 1

    init(offset: Int, in bytes: some Collection<UInt8>) {
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
    }
}

extension ChantalError {
    /// `FILE:LINE:COLUMN: message`
    static func yaml(_ file: String, _ line: Int, _ column: Int, _ message: String, hint: String? = nil) -> ChantalError
    {
        ChantalError(.config, "\(file):\(line):\(column): \(message)", hint: hint, path: file)
    }
}
