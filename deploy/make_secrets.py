"""Make every secret that the compose file needs: random, in files that only you can read.

    python3 deploy/make_secrets.py

Nothing is overwritten: delete ``deploy/secrets`` to begin anew. It needs nothing but Python, and the
program openssl for a certificate of your own.
"""  # noqa: INP001  # a program, not a package

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
PLAIN: Final = (
    "database_password",
    "grafana_password",
    "redis_engine_password",
    "redis_feeder_password",
    "redis_health_password",
    "redis_runner_password",
    "redis_strategy_password",
)
CERTIFICATE: Final = ("dashboard_certificate.pem", "dashboard_key.pem")
KEPT: Final = ("engine", "redis", "database", "prometheus", "grafana")
"""Folders of ``deploy/data``, whose owner the containers run as."""
CHANNELS: Final = (
    "# Where alerts go; see docs/how-to/alerts.md. Empty: the log and the dashboard alone.\n"
)


def make(folder: Path, name: str, content: str) -> str:
    """Return what a file holds, which is new content where there was no such file."""
    path = folder / name
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    return content


def access_list(template: str, passwords: Mapping[str, str]) -> str:
    """Return the users of Redis with the hashes of their passwords."""
    for user in ("engine", "feeder", "health", "runner", "strategy"):
        digest = hashlib.sha256(passwords[f"redis_{user}_password"].encode()).hexdigest()
        template = template.replace(f"#{user.upper()}", f"#{digest}")
    return template


def certificate(folder: Path, openssl: str) -> None:
    """Make a certificate for this machine's name, signed by itself, where there is none."""
    shown, key = (folder / name for name in CERTIFICATE)
    if shown.exists() or key.exists():
        return
    before = os.umask(0o077)
    try:
        subprocess.run(  # noqa: S603  # our own words
            [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "397", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", str(key), "-out", str(shown)],
            check=True, capture_output=True,
        )  # fmt: skip
    finally:
        os.umask(before)


def main(folder: Path = FOLDER) -> int:
    """Make what is missing."""
    kept = folder / "secrets"
    kept.mkdir(mode=0o700, exist_ok=True)
    passwords = {name: make(kept, name, secrets.token_urlsafe(32)) for name in PLAIN}
    template = (FOLDER / "redis" / "users.acl").read_text(encoding="utf-8")
    make(kept, "redis_users.acl", access_list(template, passwords))
    make(kept, "channels.toml", CHANNELS)
    make(folder, ".env", f"FILLPATH_USER={os.getuid()}:{os.getgid()}\n")
    for name in KEPT:
        (folder / "data" / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    openssl = shutil.which("openssl")
    if openssl is None:
        sys.stdout.write(f"openssl is not here: put {' and '.join(CERTIFICATE)} into {kept}\n")
        return 1
    certificate(kept, openssl)
    sys.stdout.write(f"the secrets are in {kept}; keep them out of backups that others read\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
