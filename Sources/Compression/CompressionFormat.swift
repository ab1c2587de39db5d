/// How a file is compressed.
public enum CompressionFormat: String, CaseIterable, Sendable {
    case none
    /// RFC 1952.
    case gzip
    /// The .xz file format 1.1.0.
    case xz
    /// RFC 8878.
    case zstd
    case bzip2
    /// The legacy LZMA_Alone format: read, never written.
    case lzma

    /// Without the dot; empty for ``none``.
    public var fileExtension: String {
        switch self {
        case .none: ""
        case .gzip: "gz"
        case .xz: "xz"
        case .zstd: "zst"
        case .bzip2: "bz2"
        case .lzma: "lzma"
        }
    }

    /// The format that the end of a file's name says; ``none`` for any other end.
    public static func ofName(_ name: some Collection<UInt8>) -> CompressionFormat {
        let end = Array(name.suffix(6))
        for format in allCases where format != .none {
            let wanted = Array(".\(format.fileExtension)".utf8)
            // A name that is nothing but ".gz" is a hidden file, not a compressed one without a name.
            if end.count > wanted.count, end.suffix(wanted.count).elementsEqual(wanted) { return format }
        }
        return .none
    }

    /// The format that the end of a file's name says.
    public static func ofName(_ name: String) -> CompressionFormat { ofName(Array(name.utf8)) }

    /// A rank: of several forms of one file, the one with the lowest is decoded with the least work.
    public var decodeCost: Int {
        switch self {
        case .none: 0
        case .zstd: 1
        case .gzip: 2
        case .xz: 3
        case .lzma: 4
        case .bzip2: 5
        }
    }

    /// The levels that a ``Compressor`` takes; nil where there is none to choose.
    public var levels: ClosedRange<Int>? {
        switch self {
        case .none, .lzma: nil
        case .gzip, .bzip2: 1...9
        case .xz: 0...9
        case .zstd: 1...22
        }
    }

    /// What the format's own tool uses.
    var defaultLevel: Int {
        switch self {
        case .none, .lzma: 0
        case .gzip, .xz: 6
        case .zstd: 3
        case .bzip2: 9
        }
    }
}
