import Basics
import Fetching

/// Where upstream has a file.
public enum FileSource: Sendable, Hashable {
    /// Below each of the upstream's URLs, which are tried in order.
    case path(RepositoryPath)
    /// The same with a slash at the end: `simple/numpy/`. Of a local upstream it is the `index.html` there.
    case directory(RepositoryPath)
    /// Beside each of the upstream's URLs: in the directory that holds theirs.
    case beside(RepositoryPath)
    /// At a URL of its own, absolute and percent-encoded: `http`, `https`, or `file` where the configuration itself names such.
    /// Credentials go along only to an origin that the configuration names.
    case url(String)

    /// What messages call it.
    var name: String {
        switch self {
        case .path(let path): path.description
        case .directory(let path): "\(path)/"
        case .beside(let path): "../\(path)"
        case .url(let url): Redaction.url(url)
        }
    }

    var location: FetchRequest.Location {
        switch self {
        case .path(let path): .path(path.urlEncoded)
        case .directory(let path): .path(path.urlEncoded + "/")
        // Whoever asks for a URL takes `..` out of it first (RFC 3986, 5.2.4).
        case .beside(let path): .path("../" + path.urlEncoded)
        case .url(let url): .url(url)
        }
    }

    /// The URLs at which a server may have been asked for it, given the upstream's.
    func urls(_ bases: [String]) -> [String] {
        switch location {
        case .path(let path):
            bases.map { "\($0)/\(path)" + (path.hasSuffix("/") && $0.hasPrefix("file:") ? "index.html" : "") }
        case .url(let url): [url]
        }
    }
}
