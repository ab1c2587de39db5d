import CommandLineKit

/// `chantal verify [REPO[@NAME]…]`
enum VerifyCommand {
    private static let states = Argument(
        "REPO[@NAME]", .any, "a state; the whole store if none is named",
        completion: .dynamic(CommonArguments.Words.states))
    private static let quick = Flag("quick", "check presence and size of blobs, without reading them")
    private static let repair = Flag("repair", "fetch what is damaged from upstream again, and make trees anew")

    static let command = Command<Context>(
        "verify", "check blobs, manifests, records, trees and the catalog",
        discussion: "Exit status 3 if there is damage that is not repaired.",
        arguments: [states], options: [quick, repair]
    ) { context, arguments in
        try pending(context)
    }
}
