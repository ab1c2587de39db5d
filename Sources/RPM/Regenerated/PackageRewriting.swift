import Basics

/// Packages of a document that are written anew one by one.
final class PackageRewriting {
    private let file: String
    private let rewriter = ElementRewriter()
    private let document: PackageDocument

    init(file: String) throws {
        self.file = file
        document = try PackageDocument(file: file, handler: rewriter)
    }

    /// - Parameter body: gets the package's new text, whole.
    /// - Throws: ``ChantalError`` `malformed`, naming the file, and what `body` throws.
    func rewrite(
        _ package: UnsafeRawBufferPointer, _ changes: ElementRewriter.Changes,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        rewriter.begin(changes)
        try document.write(package)
        guard rewriter.isBetweenPackages else {
            throw ChantalError(
                .malformed, "'\(file)' is not well formed: '\(changes.path)' does not end with its '</package>'",
                path: file)
        }
        try rewriter.drain(body)
    }

    func finish() throws { try document.finish() }
}
