internal import Basics
internal import CCurl

/// A curl handle, used for one request after the other.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    init() throws(ChantalError) {
        guard let handle = curl_easy_init() else { throw ChantalError(.network, "out of memory for a transfer") }
        pointer = handle
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Sets everything for a job's next request; nothing stays of the one before but the connections.
    func prepare(_ job: Job, userAgent: String) throws(ChantalError) {
        curl_easy_reset(pointer)
        errorText[0] = 0
        let user = Unmanaged.passUnretained(job).toOpaque()
        set(CURLOPT_URL, job.url.text)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        chantal_easy_set_pointer(pointer, CURLOPT_PRIVATE, user)
        chantal_easy_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
        chantal_easy_set_write(pointer, Job.writeCallback, user)
        chantal_easy_set_header(pointer, Job.headerCallback, user)
        chantal_easy_close_on_exec(pointer)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_BUFFERSIZE, EasyHandle.bufferSize)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(job.transfer.options.timeout * 1000)))
        set(CURLOPT_USERAGENT, userAgent)
        setSecurity(job)
        setProxy(job.transfer.options)
        try setHeaders(job)
        if job.mayShowSecrets { setCredentials(job.credentials) }
    }

    /// What curl says of the last error.
    var message: String { String(cString: errorText) }

    /// The proxy's answer to CONNECT, 0 if there was none.
    var connectStatus: Int { info(CURLINFO_HTTP_CONNECTCODE) }

    /// What one read takes from a socket at most.
    private static let bufferSize = 128 << 10

    private func setSecurity(_ job: Job) {
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        guard job.url.scheme == "https" || job.transfer.options.proxy != .none else { return }
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // Wait whether a connection that is being made turns out to carry many streams.
        if job.url.scheme == "https" { set(CURLOPT_PIPEWAIT, 1) }
        let options = job.transfer.options
        if let caFile = options.caFile {
            set(CURLOPT_CAINFO, caFile)
            set(CURLOPT_PROXY_CAINFO, caFile)
        } else {
            // Without a directory of authorities libcurl keeps the parsed bundle for further connections.
            chantal_easy_set_string(pointer, CURLOPT_CAPATH, nil)
        }
        if job.mayShowSecrets, let own = options.clientCertificate {
            set(CURLOPT_SSLCERT, own.certificate)
            set(CURLOPT_SSLKEY, own.key)
            if let passphrase = own.passphrase { set(CURLOPT_KEYPASSWD, passphrase) }
        }
    }

    private func setProxy(_ options: TransferOptions) {
        switch options.proxy {
        case .environment: break
        case .none: set(CURLOPT_PROXY, "")
        case .url(let url):
            set(CURLOPT_PROXY, url)
            set(CURLOPT_NOPROXY, "")
        }
    }

    private func setCredentials(_ credentials: TransferOptions.Credentials?) {
        switch credentials {
        case .basic(let user, let password):
            set(CURLOPT_HTTPAUTH, chantal_auth_basic)
            set(CURLOPT_USERNAME, user)
            set(CURLOPT_PASSWORD, password)
        case .bearer(let token):
            set(CURLOPT_HTTPAUTH, chantal_auth_bearer)
            set(CURLOPT_XOAUTH2_BEARER, token)
        case nil: break
        }
    }

    private func setHeaders(_ job: Job) throws(ChantalError) {
        curl_slist_free_all(headerList)
        headerList = nil
        if job.mayShowSecrets {
            for header in job.transfer.options.headers { try add(header.name, header.value, job) }
        }
        for header in job.transfer.headers { try add(header.name, header.value, job) }
        if let validators = job.transfer.validators {
            if let etag = validators.etag { try add("If-None-Match", etag, job) }
            if let date = validators.lastModified { try add("If-Modified-Since", date, job) }
        }
        if let resume = job.resume {
            set(CURLOPT_RANGE, "\(resume.offset)-")
            if let validator = resume.ifRange { try add("If-Range", validator, job) }
        }
        chantal_easy_set_headers(pointer, headerList)
    }

    private func add(_ name: String, _ value: String, _ job: Job) throws(ChantalError) {
        func isClean(_ text: String) -> Bool { !text.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f } }
        guard !name.isEmpty, !name.utf8.contains(0x3a), !name.utf8.contains(0x20), isClean(name), isClean(value) else {
            throw ChantalError(
                .network, "a header for \(job.shownURL) is refused: it holds a control character", url: job.shownURL)
        }
        // A colon alone would take the header away, a semicolon sends it without a value.
        let line = value.isEmpty ? "\(name);" : "\(name): \(value)"
        guard let list = curl_slist_append(headerList, line) else {
            throw ChantalError(.network, "out of memory for a transfer")
        }
        headerList = list
    }

    private func set(_ option: CURLoption, _ value: Int) { chantal_easy_set_long(pointer, option, value) }
    private func set(_ option: CURLoption, _ value: String) { chantal_easy_set_string(pointer, option, value) }

    private func info(_ info: CURLINFO) -> Int {
        var value = 0
        chantal_easy_info_long(pointer, info, &value)
        return value
    }
}
