"""bandersnatch, with all the workers it allows: the same projects and files, pages as HTML and JSON."""

import json
import os
import shutil

from .processes import Failed, measure

CONFIGURATION = """\
[mirror]
directory = {directory}
master = {url}
allow-non-https = true
api-method = simple
workers = 10
verifiers = 10
json = false
simple-format = ALL
stop-on-error = true
timeout = 60
hash-index = false
"""

# Where nginx has what bandersnatch asks for. It compares the serial in a header with the one of the list.
LOCATIONS = """
        location = /simple { default_type application/vnd.pypi.simple.v1+json; types {} try_files /simple/index.html =404; }
        location /pypi/ { default_type application/json; types {} add_header X-PYPI-LAST-SERIAL 1000000000; }
        location /packages/ { alias "@root@/files/"; }
"""


def program():
    beside = os.path.join(os.path.dirname(__file__), "../../.build/bandersnatch/bin/bandersnatch")
    found = shutil.which("bandersnatch") or shutil.which(os.path.realpath(beside))
    if not found:
        raise Failed("there is no bandersnatch: `make deps-bench` installs it, --no-tools does without")
    return found


def write_metadata(index, url):
    """What bandersnatch reads of each project: one document for all its releases."""
    for name, files in index.files.items():
        releases = {}
        for file in files:
            releases.setdefault(file["filename"].split("-")[1], []).append(
                {
                    "filename": file["filename"],
                    "url": f"{url}/packages/{name}/{file['filename']}",
                    "digests": file["hashes"],
                    "size": file["size"],
                    "upload_time_iso_8601": file["upload-time"],
                    "requires_python": file["requires-python"],
                    "yanked": file["yanked"],
                }
            )
        path = os.path.join(index.root, "pypi", name, "json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            info = {"name": name, "version": "1.0"}
            json.dump({"info": info, "last_serial": index.serials[name], "releases": releases}, file)


def run(directory, home, url, files):
    """Mirrors into an empty directory; fewer files than there are is an error."""
    os.mkdir(directory)
    settings = os.path.join(home, "bandersnatch.conf")
    with open(settings, "w") as file:
        file.write(CONFIGURATION.format(directory=directory, url=url))
    measured = measure([program(), "--config", settings, "mirror"], home)
    got = sum(name.endswith(".whl") for _, _, names in os.walk(os.path.join(directory, "web")) for name in names)
    if got != files:
        raise Failed(f"bandersnatch fetched {got} files of {files}:\n{measured.errors[-4000:]}")
    return measured
