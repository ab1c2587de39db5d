import Basics
import CommandLineKit
import Mirroring
import Terminal

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
        let isRepairing = arguments[repair]
        let references = try arguments[states].map { try StateReference($0) }
        let progress = SyncProgress(context.output)
        let engine = try context.engine(writing: isRepairing, restoring: isRepairing, observer: progress)
        progress.board.begin("verify")
        defer { progress.board.close() }
        var options = VerificationOptions()
        options.isQuick = arguments[quick]
        options.repairs = isRepairing
        let report = try engine.verify(references, options: options) { files, bytes in
            progress.board.advance("verify", files: files, bytes: bytes)
        }
        let result = VerifyResult(report)
        progress.board.end("verify")
        context.show(result) { show(result, $0) }
        return result.defects.contains { !$0.isRepaired } ? .damaged : .done
    }

    private static func show(_ result: VerifyResult, _ output: Output) {
        for defect in result.defects {
            let palette = output.data.palette
            let repository = defect.repository.map { "\($0): " } ?? ""
            let outcome = defect.isRepaired ? palette.green("repaired") : palette.red("damaged")
            output.line("\(outcome)  \(defect.kind): \(repository)\(DisplayText.line(defect.message))")
        }
        output.note(
            "checked \(DisplayText.count(result.checked, "blob")), \(ByteCount.text(result.bytes)): "
                + (result.defects.isEmpty ? "no damage" : DisplayText.count(result.defects.count, "defect")))
    }
}
