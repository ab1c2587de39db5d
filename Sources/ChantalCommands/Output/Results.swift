import Basics

// What commands give, in the shapes of their JSON. Keys that are declared are always there; what is not known is null.

struct VersionResult: JSONResult {
    var members: KeyValuePairs<String, any JSONConvertible> { ["version": ChantalVersion.text] }
}

struct TextResult: JSONResult {
    let text: String
    var members: KeyValuePairs<String, any JSONConvertible> { ["text": text] }
}

struct ErrorResult: JSONResult {
    let error: ChantalError
    var members: KeyValuePairs<String, any JSONConvertible> { ["error": error] }
}
