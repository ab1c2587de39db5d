/// What may stand in the place of a value.
public enum Completion: Sendable, Equatable {
    /// Nothing that could be guessed.
    case none
    case files
    case directories
    /// One of these words.
    case words([String])
    /// Words of a kind that the program knows when it is asked, as `repositories`.
    case dynamic(String)
}
