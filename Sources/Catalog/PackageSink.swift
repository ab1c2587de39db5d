public import Basics

/// A package as ``PackageRow`` has it, its texts in bytes that lie elsewhere: valid only within the call it is handed to.
///
/// For metadata of a hundred thousand packages, of which nearly all are known already: no text is made of what is only compared.
public struct PackageFields {
    public var name = PackageFields.none
    public var version = PackageFields.none
    public var architecture = PackageFields.none
    public var group = PackageFields.none
    public var summary = PackageFields.none
    public var path = PackageFields.none
    public var provides = PackageFields.none
    public var files = PackageFields.none
    public var source = PackageFields.none
    public var homepage = PackageFields.none
    public var digest: Digest?
    public var size: Int64 = 0
    public var alias: Checksum?

    public init() {}

    private static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

/// Takes the packages of one state, in any order; one that was given before is ignored.
public protocol PackageSink: AnyObject {
    func add(_ row: PackageRow) throws
    func add(_ fields: PackageFields) throws

    /// Takes over the packages of a name (in any case of ASCII letters) from the generation before, as they are.
    ///
    /// Only where the sink knows that generation: see ``GenerationIndexer/previous``.
    func keep(name: String) throws
}

/// The packages of a generation that may come, gathered while its metadata is read anyway. Used by one thread.
///
/// Nothing is written to the catalog: what the generation in force has already is only marked, the rest waits, beyond some megabytes
/// in a file.
public protocol GenerationDraft: PackageSink {
    /// Whether all that was given can be relied on.
    var isComplete: Bool { get }

    /// Drops everything: what was read does not tell what the generation will hold.
    func giveUp()
}

/// Bytes that are kept outside of memory.
public protocol RowSpool: AnyObject {
    /// Adds bytes at the end.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Fills the buffer with the bytes at a place.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws
}
