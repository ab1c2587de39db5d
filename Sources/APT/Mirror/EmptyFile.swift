import Basics
import Hashing

/// The file without bytes.
enum EmptyFile {
    static func checksum(_ algorithm: ChecksumAlgorithm) -> Checksum {
        let hasher = ChecksumHasher(algorithm)
        return hasher.finish()
    }
}
