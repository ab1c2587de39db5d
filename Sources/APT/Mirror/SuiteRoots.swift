import Basics
import Hashing
import Mirroring
import OpenPGP

/// How a suite is signed.
enum SuiteForm: String, Sendable {
    /// InRelease.
    case inline
    /// Release and Release.gpg.
    case detached
    /// Release alone.
    case unsigned
}

/// What upstream answered for the signed files of a suite.
struct SuiteAnswer {
    let suite: Suite
    let form: SuiteForm
    /// InRelease, or Release and then its signature.
    let answers: [(path: RepositoryPath, answer: RootAnswer)]

    var isUnchanged: Bool {
        answers.allSatisfy { if case .unchanged = $0.answer { true } else { false } }
    }
}

/// The verified description of a suite.
struct SuiteRoots {
    let suite: Suite
    let form: SuiteForm
    let release: ReleaseFile
    /// The text that was verified.
    let text: [UInt8]
    /// The files that it was read from.
    let files: [ManifestEntry]
    /// When the signature that vouches for it, or its key, ends.
    let signatureExpiresAt: Timestamp?

    /// What a difference in Release means to the sync.
    var roots: [SyncPlan.Root] { files.map { SyncPlan.Root(path: $0.path, digest: $0.digest) } }
}

/// Fetches, verifies and reads what a suite hangs on.
struct SuiteRootReader {
    let session: SyncSession
    /// Nil if signatures are not verified.
    let verifier: SignatureVerifier?
    let checksValidUntil: Bool

    /// A clock that is off by this many seconds is no future (apt's Acquire::Max-FutureTime).
    static let clockTolerance: Int64 = 10

    /// Asks upstream: one request for a suite with InRelease, two for one with Release and Release.gpg that has not changed.
    /// - Parameter again: asks unconditionally, after an index turned out to be of another state.
    func ask(_ suite: Suite, again: Bool = false) throws -> SuiteAnswer {
        let limit = ReleaseFile.sizeLimit
        func root(_ path: RepositoryPath) throws -> RootAnswer { try session.root(path, limit: limit, again: again) }
        var release: RootAnswer?
        var signature: RootAnswer?
        let known = session.previous?.notes["form \(suite)"].flatMap(SuiteForm.init)
        if let known, known != .inline, session.mayBeUnchanged, !again {
            release = try root(suite.release)
            if known == .detached { signature = try root(suite.signature) }
            let answers = [release, signature].compactMap { $0 }
            let paths = [suite.release, suite.signature]
            let answer = SuiteAnswer(suite: suite, form: known, answers: Array(zip(paths, answers)))
            if answer.isUnchanged { return answer }
        }
        let inRelease = try root(suite.inRelease)
        if case .absent = inRelease {
        } else {
            return SuiteAnswer(suite: suite, form: .inline, answers: [(suite.inRelease, inRelease)])
        }
        let asked = try release ?? root(suite.release)
        if case .absent = asked {
            throw ChantalError(
                .missing, "upstream has neither '\(suite.inRelease)' nor '\(suite.release)'",
                hint: "look whether 'upstream' and 'suites' are right; a flat repository is written with a slash: './'",
                path: suite.inRelease.description)
        }
        let signed = try signature ?? root(suite.signature)
        if case .absent = signed {
            guard verifier == nil else {
                throw ChantalError(
                    .signature,
                    "'\(suite.release)' is not signed: upstream has neither '\(suite.inRelease)' nor '\(suite.signature)'",
                    hint: "say 'verify: false' if you trust upstream and everything on the way to it",
                    path: suite.release.description)
            }
            return SuiteAnswer(suite: suite, form: .unsigned, answers: [(suite.release, asked)])
        }
        return SuiteAnswer(suite: suite, form: .detached, answers: [(suite.release, asked), (suite.signature, signed)])
    }

    /// Verifies and reads.
    /// - Throws: ``ChantalError`` `signature`, `malformed`, `expired`, naming the file.
    func read(_ answer: SuiteAnswer) throws -> SuiteRoots {
        var contents: [[UInt8]] = []
        for (path, answer) in answer.answers {
            guard let bytes = try session.rootContents(path, answer, limit: Int(ReleaseFile.sizeLimit)) else {
                throw ChantalError(.missing, "upstream no longer has '\(path)'", path: path.description)
            }
            contents.append(bytes)
        }
        let file = answer.answers[0].path.description
        let (text, signatures) = try verify(answer, contents, file: file)
        let release = try ReleaseFile(parsing: text, file: file)
        try checkDates(release, file: file)
        return SuiteRoots(
            suite: answer.suite, form: answer.form, release: release, text: text,
            files: zip(answer.answers, contents).map { asked, bytes in
                ManifestEntry(
                    path: asked.path, digest: sha256(of: bytes), size: Int64(bytes.count), role: .pointer)
            },
            signatureExpiresAt: SuiteRootReader.lastExpiry(signatures))
    }

    private func verify(
        _ answer: SuiteAnswer, _ contents: [[UInt8]], file: String
    ) throws -> (text: [UInt8], signatures: [GoodSignature]) {
        switch answer.form {
        case .unsigned: return (contents[0], [])
        case .inline:
            guard let verifier else { return (try Clearsign.unverifiedText(contents[0], file: file), []) }
            let verified = try verifier.verifyClearsigned(contents[0], file: file)
            return (verified.text, verified.signatures)
        case .detached:
            let name = answer.answers[1].path.description
            return (contents[0], try verifier?.verifyDetached(contents[1], of: contents[0], file: name) ?? [])
        }
    }

    /// One good signature is enough, so the one that lasts longest counts; nil if one never ends.
    private static func lastExpiry(_ signatures: [GoodSignature]) -> Timestamp? {
        var last: Timestamp?
        for signature in signatures {
            guard let end = signature.expiresAt else { return nil }
            last = last.map { max($0, end) } ?? end
        }
        return last
    }

    private func checkDates(_ release: ReleaseFile, file: String) throws {
        if let date = release.date, date > session.now + SuiteRootReader.clockTolerance {
            throw ChantalError(
                .expired, "'\(file)' is from the future: its Date is \(date), and now it is \(session.now)",
                hint: "set this machine's clock; if it is right, upstream's is not", path: file)
        }
        guard checksValidUntil, let end = release.validUntil, end < session.now else { return }
        throw ChantalError(
            .expired, "'\(file)' is out of date since \(end) (Valid-Until)",
            hint:
                "upstream is stale, or something on the way keeps an old state; 'check_valid_until: false' takes it all the same",
            path: file)
    }
}
