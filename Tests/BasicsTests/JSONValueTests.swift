import Basics
import Foundation
import Testing

@Test("JSON is what Foundation reads back, with hostile texts and extreme numbers, on one line and indented")
func json() throws {
    let texts = ["", "\"\\/", "a\nb\r\t\u{0}\u{1f}\u{7f}", "é€😀", "\u{2028}</script>", "\u{9b}31m"]
    let numbers: [Double] = [0, -0.5, 1e-7, 1e22, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0.1]
    let value: JSONValue = [
        "texts": .array(texts.map { .string($0) }), "numbers": .array(numbers.map { .number($0) }),
        "integers": [.integer(.min), .integer(.max), 0], "none": [], "empty": [:], "flags": [true, false, nil],
        "infinite": .array([.number(.infinity), .number(.nan)]), "na\"me": 1,
    ]
    for indent in [nil, 2] {
        let bytes = value.encoded(indent: indent)
        let read = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(read["texts"] as? [String] == texts)
        #expect(read["numbers"] as? [Double] == numbers)
        #expect((read["integers"] as? [NSNumber])?.map(\.int64Value) == [.min, .max, 0])
        #expect((read["infinite"] as? [Any])?.allSatisfy { $0 is NSNull } == true)
        #expect(read["na\"me"] as? Int == 1)
        #expect(bytes.contains(0x0a) == (indent != nil))
    }
    let ordered: JSONValue = ["b": 1, "a": [nil]]
    #expect(String(decoding: ordered.encoded(), as: UTF8.self) == #"{"b":1,"a":[null]}"#)
}
