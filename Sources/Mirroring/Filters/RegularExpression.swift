import Basics
import Glibc

/// A POSIX extended regular expression on bytes (regex(7)), compiled once.
///
/// regexec(3) is safe to call from several threads on one compiled pattern.
final class RegularExpression: @unchecked Sendable {
    private let compiled: UnsafeMutablePointer<regex_t>

    /// - Throws: ``PatternProblem`` with what regerror(3) says.
    init(_ pattern: String) throws {
        let memory = UnsafeMutablePointer<regex_t>.allocate(capacity: 1)
        memory.initialize(to: regex_t())
        let status = regcomp(memory, pattern, REG_EXTENDED | REG_NOSUB)
        compiled = memory
        guard status == 0 else {
            var message = [CChar](repeating: 0, count: 256)
            regerror(status, memory, &message, message.count)
            let bytes = message.prefix(while: { $0 != 0 }).map { UInt8(bitPattern: $0) }
            throw PatternProblem(
                "is no regular expression: \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    deinit {
        // glibc clears what it allocated when it fails to compile, so this holds then, too.
        regfree(compiled)
        compiled.deallocate()
    }

    /// Whether the pattern matches anywhere in the name.
    func matches(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let base = name.baseAddress else { return regexec(compiled, "", 0, nil, 0) == 0 }
        var range = regmatch_t(rm_so: 0, rm_eo: regoff_t(name.count))
        return regexec(compiled, base.assumingMemoryBound(to: CChar.self), 1, &range, REG_STARTEND) == 0
    }
}
