public import Basics
public import Store

extension GenerationRecord {
    /// When the sync that made it ended, if it ended well: proof of that where its history is lost.
    public var succeededAt: Timestamp? { isWhole ? createdAt : nil }
}
