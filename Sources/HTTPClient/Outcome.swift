internal import Basics
internal import CCurl

/// What becomes of a transfer after a request.
enum Outcome {
    case finished(Response)
    case failed(TransferFailure)
    /// Another request, at another place or without a range.
    case again(WebURL)
}

extension Job {
    func outcome(_ result: CURLcode) -> Outcome {
        if let failure { return .failed(counted(failure)) }
        if phase == .restarts {
            guard resume != nil else { return .failed(refusal()) }
            resume = nil
            return .again(url)
        }
        // A discarded body that was cut off changes nothing about the answer.
        if result != CURLE_OK, !(result == CURLE_WRITE_ERROR && phase == .discarded) {
            return .failed(counted(transportFailure(result)))
        }
        switch status {
        case 200, 203, 206: return .finished(response())
        case 304 where transfer.validators != nil: return .finished(response())
        case 301, 302, 303, 307, 308: return redirect()
        default: return .failed(refusal())
        }
    }

    /// No byte for so many seconds.
    func stalled(_ seconds: Double) -> TransferFailure {
        let time = seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
        return counted(
            TransferFailure(
                ChantalError(
                    .network, "\(shownURL): time-out, no byte for \(time) s after \(received) bytes",
                    hint: "a higher network.timeout waits longer", url: shownURL), isTransient: true))
    }

    /// The response so far.
    func response() -> Response {
        Response(
            status: status, finalURL: shownURL, originChanged: !mayShowSecrets, bytes: received, requests: requests,
            headers: headers)
    }

    private func counted(_ failure: TransferFailure) -> TransferFailure {
        var failure = failure
        failure.requests = requests
        failure.bytes = received
        return failure
    }

    private func redirect() -> Outcome {
        do {
            visited.append(url.text)
            let target = try Redirect.target(of: headers, from: url, visited: visited)
            return .again(target)
        } catch {
            return .failed(counted(TransferFailure(error, status: status, isTransient: false)))
        }
    }

    /// A status that is no success.
    private func refusal() -> TransferFailure {
        let code: ChantalError.Code = status == 404 || status == 410 ? .missing : .httpStatus
        let hint: String? =
            switch status {
            case 401: "set username and password, or token, for this repository"
            case 403: "the server refuses: check credentials and client_certificate of this repository"
            case 407: "the proxy wants credentials: set network.proxy to http://user:password@host:port"
            default: nil
            }
        let error = ChantalError(code, "\(shownURL): the server answered \(status)", hint: hint, url: shownURL)
        let isTransient = status >= 500 && status != 501 && status != 505 || [408, 425, 429].contains(status)
        let now = Timestamp(seconds: Int64(time(nil)))
        return counted(
            TransferFailure(
                error, status: status, retryAfter: headers.retryAfter(now: now), isTransient: isTransient))
    }
}
