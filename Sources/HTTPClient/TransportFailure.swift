internal import Basics
internal import CCurl

extension Job {
    /// What a curl error means: a sentence, what to do about it, and whether to try again.
    func transportFailure(_ code: CURLcode) -> TransferFailure {
        let detail = easy.map { shown($0.message) } ?? ""
        let own = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        func failure(_ reason: String, hint: String? = nil, again: Bool, _ kind: ChantalError.Code = .network)
            -> TransferFailure
        {
            TransferFailure(
                ChantalError(kind, "\(shownURL): \(reason)", hint: hint, url: shownURL), isTransient: again)
        }
        let connect = easy?.connectStatus ?? 0
        if connect >= 400 {
            return failure(
                "the proxy answered \(connect) to CONNECT",
                hint: connect == 407
                    ? "the proxy wants credentials: set network.proxy to http://user:password@host:port"
                    : "check network.proxy, or set it to none",
                again: connect >= 500)
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return failure(
                "the host '\(url.host)' cannot be resolved", hint: "check the name, and DNS on this machine",
                again: true)
        case CURLE_COULDNT_RESOLVE_PROXY:
            return failure("the proxy's host cannot be resolved", hint: "check network.proxy", again: true)
        case CURLE_COULDNT_CONNECT: return failure("no connection: \(own)", again: true)
        case CURLE_OPERATION_TIMEDOUT:
            return failure(
                "time-out: \(own)", hint: "a higher network.timeout waits longer", again: true)
        case CURLE_PARTIAL_FILE:
            return failure("the server closed the connection after \(received) bytes, too early", again: true)
        case CURLE_GOT_NOTHING: return failure("the server closed the connection without an answer", again: true)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
            return failure(
                "the server's certificate is not trusted: \(own)",
                hint: "set network.ca to the authority's PEM file, or install ca-certificates", again: false)
        case CURLE_SSL_CACERT_BADFILE:
            return failure(
                "the certificates of authorities cannot be read: \(own)",
                hint: "check network.ca, or install ca-certificates", again: false)
        case CURLE_SSL_CERTPROBLEM:
            return failure(
                "the client certificate cannot be used: \(own)",
                hint: "check cert, key and passphrase of client_certificate", again: false)
        case CURLE_SSL_CONNECT_ERROR: return failure("TLS failed: \(own)", again: true)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_WEIRD_SERVER_REPLY,
            CURLE_HTTP3, CURLE_PROXY:
            return failure("the connection broke: \(own)", again: true)
        case CURLE_OUT_OF_MEMORY: return failure("out of memory", again: false)
        default: return failure(own, again: false)
        }
    }

    /// curl's text, unless it holds a secret.
    private func shown(_ text: String) -> String {
        var secrets = transfer.options.secrets
        if case .basic(_, let password) = credentials, !password.isEmpty { secrets.append(password) }
        return secrets.contains { text.range(of: $0) != nil } ? "" : text
    }
}
