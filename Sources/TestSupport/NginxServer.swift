import Basics
import Glibc

/// A real nginx on a free port of 127.0.0.1 that serves a directory the way docs/nginx.conf says.
///
/// Its workers run as `www-data` when the tests run as root, so a file that only its owner reads is a 403.
/// Stops when the last reference goes.
public final class NginxServer: Sendable {
    public struct TLS: Sendable {
        let certificate: Certificates.Pair
        let clientAuthority: String?

        /// - Parameter clientAuthority: a CA's certificate file; clients need a certificate of that CA.
        public init(_ certificate: Certificates.Pair, clientAuthority: String? = nil) {
            self.certificate = certificate
            self.clientAuthority = clientAuthority
        }
    }

    public let port: UInt16
    public let url: String
    private let home: TemporaryDirectory
    private let process: RunningProcess

    /// - Parameters:
    ///   - root: takes the place of the configuration's `root`.
    ///   - configuration: a file with one `server`; its `listen` and `root` lines are replaced.
    ///   - credentials: user and password that every request needs.
    ///   - extra: more lines for the `server`.
    public init(
        root: String, configuration: String = Project.path("docs/nginx.conf"), tls: TLS? = nil,
        credentials: (user: String, password: String)? = nil, extra: String = ""
    ) throws {
        home = try TemporaryDirectory("nginx")
        var additions = extra
        if let tls {
            additions += """

                ssl_certificate \(tls.certificate.certificate);
                ssl_certificate_key \(tls.certificate.key);
                ssl_protocols TLSv1.2 TLSv1.3;
                """
            if let authority = tls.clientAuthority {
                additions += "\nssl_client_certificate \(authority);\nssl_verify_client on;"
            }
        }
        if let credentials {
            let hash = try Subprocess.run(["openssl", "passwd", "-apr1", credentials.password]).checked().stdout
            let file = try home.write("\(credentials.user):\(hash)", to: "users")
            additions += "\nauth_basic test;\nauth_basic_user_file \(file);"
        }
        try home.write(NginxServer.frame(home.path), to: "nginx.conf")
        let text = try Files.text(configuration)
        // Another process may take the port between the look and the bind.
        var attempts = 5
        while true {
            let port = try LoopbackPort.free()
            let listen = "listen 127.0.0.1:\(port)\(tls == nil ? "" : " ssl http2");\n\(additions)"
            try home.write(NginxServer.adapted(text, root: root, listen: listen), to: "site.conf")
            let process = try Subprocess.spawn(["nginx", "-p", home.path, "-c", home.path("nginx.conf")])
            if try NginxServer.isReady(process, home) {
                (self.port, self.process) = (port, process)
                break
            }
            attempts -= 1
            guard attempts > 0, try process.errorsSoFar.contains("Address already in use") else {
                throw ChantalError(.io, "nginx does not start: \(try process.errorsSoFar)")
            }
            try home.write("", to: "error.log")
        }
        url = "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"
    }

    deinit { stop() }

    /// Ends it; open transfers are cut.
    public func stop() {
        process.kill(SIGTERM)
        _ = try? process.wait(timeout: 10)
    }

    /// What nginx wrote about errors; empty in normal use.
    public var errorLog: String { get throws { try home.text("error.log") + process.errorsSoFar } }

    /// Lines `METHOD URI STATUS BYTES`, written before the connection takes the next request.
    public var accessLog: [String] {
        get throws { try home.text("access.log").split(separator: "\n").map(String.init) }
    }

    private static func adapted(_ text: String, root: String, listen: String) -> String {
        var listens = 0
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
            let words = line.split(separator: " ")
            switch words.first {
            case "listen":
                listens += 1
                return listens == 1 ? listen : nil
            case "root": return "root \"\(root)\";"
            default: return String(line)
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func frame(_ home: String) -> String {
        let temporaries = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        return """
            daemon off;
            \(geteuid() == 0 ? "user www-data;" : "")
            worker_processes 2;
            pid \(home)/nginx.pid;
            error_log \(home)/error.log warn;
            events { worker_connections 1024; }
            http {
                log_format test '$request_method $request_uri $status $body_bytes_sent';
                access_log \(home)/access.log test;
            \(temporaries.map { "    \($0)_temp_path \(home)/\($0);" }.joined(separator: "\n"))
                include \(home)/site.conf;
            }

            """
    }

    /// nginx writes its process id once it holds the port.
    private static func isReady(_ process: RunningProcess, _ home: TemporaryDirectory) throws -> Bool {
        let start = monotonicSeconds()
        while monotonicSeconds() - start < 20, try process.isRunning {
            if home.exists("nginx.pid") { return true }
            pause(seconds: 0.002)
        }
        return false
    }
}
