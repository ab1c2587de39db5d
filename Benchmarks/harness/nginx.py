"""An nginx of its own on a free port of 127.0.0.1."""

import os
import random
import shutil
import subprocess
import time

CONFIGURATION = """\
daemon off;
{user}
worker_processes 1;
pid {home}/pid;
error_log {home}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    log_format line '$request_method $request_uri $status';
    access_log {home}/access.log line;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000;
    server {{ listen 127.0.0.1:{port}; root "{root}";{locations} }}
}}
"""


class Nginx:
    """Serves a directory until it is closed."""

    def __init__(self, home, root, locations=""):
        """`locations`: more lines for the server; `@root@` in them is the directory."""
        self.home = home
        os.makedirs(home)
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        for _ in range(20):
            self.host = f"127.0.0.1:{random.randint(20000, 32000)}"
            settings = {
                "user": "user root;" if os.geteuid() == 0 else "",
                "home": home,
                "root": root,
                "locations": locations.replace("@root@", root),
                "port": self.host.rpartition(":")[2],
            }
            with open(os.path.join(home, "nginx.conf"), "w") as file:
                file.write(CONFIGURATION.format(**settings))
            self.process = subprocess.Popen(
                [program, "-p", home, "-c", os.path.join(home, "nginx.conf")], stderr=subprocess.DEVNULL
            )
            # nginx writes its process id once it holds the port; a taken port is another try.
            while self.process.poll() is None:
                if os.path.exists(os.path.join(home, "pid")):
                    return
                time.sleep(0.005)
        raise RuntimeError(f"nginx does not start: {open(os.path.join(home, 'error.log')).read()}")

    @property
    def url(self):
        return f"http://{self.host}"

    def requests(self):
        """How many it has answered."""
        with open(os.path.join(self.home, "access.log")) as file:
            return sum(1 for _ in file)

    def close(self):
        self.process.terminate()
        try:
            os.waitpid(self.process.pid, 0)
        except ChildProcessError:
            pass
