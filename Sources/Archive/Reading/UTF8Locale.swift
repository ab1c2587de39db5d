import Glibc

/// libarchive drops names that the locale of the thread cannot show; this one shows all that is UTF-8.
enum UTF8Locale {
    private struct Handle: @unchecked Sendable { let locale: locale_t? }

    /// Made once, kept to the end of the process. Nil only where even the C library's own locale is missing.
    private static let handle = Handle(locale: newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))

    /// Runs with the locale set for this thread alone. uselocale(3).
    static func during<Result>(_ body: () -> Result) -> Result {
        guard let locale = handle.locale else { return body() }
        let before = uselocale(locale)
        defer { uselocale(before) }
        return body()
    }
}
