import Basics
import Mirroring

// What commands give of packages, in the shapes of their JSON.

struct PackageListResult: JSONResult {
    let state: String
    let packages: [JSONValue]
    var members: KeyValuePairs<String, any JSONConvertible> { ["state": state, "packages": packages] }
}

/// `search --across`: by part, the packages that belong to a piece of software.
struct SoftwareResult: JSONResult {
    let software: [JSONValue]
    var members: KeyValuePairs<String, any JSONConvertible> { ["software": JSONValue.array(software)] }
}

/// `map`: what to install, and what was not found.
struct MapResult: JSONResult {
    let type: String
    let packages: [JSONValue]
    let missing: [JSONValue]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["type": type, "packages": JSONValue.array(packages), "missing": JSONValue.array(missing)]
    }
}

struct PackagesResult: JSONResult {
    let packages: [JSONValue]
    var members: KeyValuePairs<String, any JSONConvertible> { ["packages": packages] }
}

struct DiffResult: JSONResult {
    let added: [JSONValue]
    let removed: [JSONValue]
    let changed: [JSONValue]
    let advisories: [JSONValue]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["added": added, "removed": removed, "changed": changed, "advisories": advisories]
    }
}

struct FileDiffResult: JSONResult {
    let added: [JSONValue]
    let removed: [JSONValue]
    let changed: [JSONValue]
    var members: KeyValuePairs<String, any JSONConvertible> {
        ["added": added, "removed": removed, "changed": changed]
    }
}
