"""The commands about who may sign in at the dashboard, and about the log of what they did."""

# ruff: noqa: PLC0415

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fillpath.cli_table import OK, SETTINGS, Chosen, Command, Option, UsageError, whole
from fillpath.runtime.printing import printable

ROLES: Final = ("viewer", "trader", "risk", "admin")
SCOPES: Final = ("read", "kill", "trade")
DAY_NS: Final = 86_400 * 1_000_000_000
TERMINAL: Final = "terminal"
ONCE: Final = "it is shown once, and another one is chosen at the next sign-in"


class Desk:
    """The desk's file and log, opened for one command.

    Args:
        chosen: the command.
    """

    def __init__(self, chosen: Chosen) -> None:
        from fillpath.api.auth.audit import AuditLog
        from fillpath.api.auth.file import DeskFile
        from fillpath.api.auth.sessions import Sessions
        from fillpath.api.auth.tokens import Tokens
        from fillpath.api.auth.users import Users
        from fillpath.runtime.clock import SystemClock
        from fillpath.settings import load_settings

        folder = Path(load_settings(chosen.settings).engine.folder)
        self.file = DeskFile(folder)
        self.log = AuditLog(folder)
        self.users = Users(self.file)
        self.sessions = Sessions(self.file, 0)
        self.tokens = Tokens(self.file)
        self.now = SystemClock().nanoseconds()

    def told(self, act: str, name: str, after: str = "", before: str = "") -> None:
        """Write down what was done; whoever can open the file is the user of the machine."""
        from fillpath.api.auth.audit import Entry
        from fillpath.runtime.person import person

        self.log.write(
            Entry(
                who=person(),
                role=TERMINAL,
                source=TERMINAL,
                act=f"users {act}",
                outcome="DONE",
                target=name,
                before=before,
                after=after,
            ),
            self.now,
        )


def _with_desk(act: Callable[[Desk, Chosen], None]) -> Callable[[Chosen], int]:
    def run(chosen: Chosen) -> int:
        desk = Desk(chosen)
        with desk.file:
            act(desk, chosen)
        return OK

    return run


def _add(desk: Desk, chosen: Chosen) -> None:
    from fillpath.api.auth.passwords import first_password
    from fillpath.api.auth.users import checked, split
    from fillpath.api.roles import Role

    password = first_password()
    kept = checked(password, chosen.name)
    desk.users.add(chosen.name, Role(chosen.role), kept, desk.now, split(chosen.accounts or ""))
    desk.told("add", chosen.name, _rights(desk, chosen.name))
    sys.stdout.write(f"{chosen.name} signs in with {password}\n{ONCE}\n")


def _list(desk: Desk, chosen: Chosen) -> None:
    from fillpath.core.units import iso, moment

    tokens = desk.tokens.all()
    rows = [
        {
            "name": user.name,
            "role": user.role,
            "accounts": list(user.accounts),
            "codes": user.secret is not None,
            "disabled": user.disabled,
            "must_change_password": user.must_change,
            "seen_at": None if user.seen_at is None else iso(moment(user.seen_at)),
            "tokens": [
                {
                    "id": one.id,
                    "label": one.label,
                    "scope": one.scope,
                    "ends_at": iso(moment(one.ends_at)),
                }
                for one in tokens
                if one.name == user.name
            ],
        }
        for user in desk.users.all()
    ]
    if chosen.json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    if not rows:
        sys.stdout.write("nobody yet: the first start of fillpath dashboard makes the first user\n")
    for row in rows:
        _show(row)


def _show(row: dict[str, Any]) -> None:
    states = ["codes" if row["codes"] else "no codes"]
    states += ["disabled"] if row["disabled"] else []
    states += ["first password"] if row["must_change_password"] else []
    accounts = ",".join(row["accounts"]) or "all accounts"
    seen = row["seen_at"] or "never"
    sys.stdout.write(
        f"{row['name']}  {row['role']}  {accounts}  {', '.join(states)}; seen {seen}\n"
    )
    for token in row["tokens"]:
        sys.stdout.write(
            f"  token {token['id']}  {token['scope']}  until {token['ends_at']}  {token['label']}\n"
        )


def _role(desk: Desk, chosen: Chosen) -> None:
    from fillpath.api.auth.users import split
    from fillpath.api.roles import Role

    before = _rights(desk, chosen.name)
    accounts = None if chosen.accounts is None else split(chosen.accounts)
    desk.users.set_role(chosen.name, Role(chosen.role), accounts)
    desk.told("role", chosen.name, _rights(desk, chosen.name), before)
    sys.stdout.write(f"{chosen.name} is {chosen.role}, and signs in anew\n")


def _disable(desk: Desk, chosen: Chosen) -> None:
    disabled = not chosen.again
    desk.users.set_disabled(chosen.name, disabled=disabled)
    desk.told("disable", chosen.name, "disabled" if disabled else "enabled")
    word = "signs in no more; every session and token is ended" if disabled else "may sign in again"
    sys.stdout.write(f"{chosen.name} {word}\n")


def _password(desk: Desk, chosen: Chosen) -> None:
    from fillpath.api.auth.passwords import first_password
    from fillpath.api.auth.users import checked

    desk.users.need(chosen.name)
    password = first_password()
    desk.users.set_password(chosen.name, checked(password, chosen.name), by_owner=False)
    desk.told("password", chosen.name, "a new first password")
    sys.stdout.write(f"{chosen.name} signs in with {password}\n{ONCE}\n")


def _totp(desk: Desk, chosen: Chosen) -> None:
    from fillpath.api.auth.codes import accepted, enrolment, new_secret
    from fillpath.core.units import NANOSECONDS
    from fillpath.runtime.clock import SystemClock

    desk.users.need(chosen.name)
    if chosen.remove:
        desk.users.set_secret(chosen.name, None)
        desk.told("totp", chosen.name, "no codes")
        sys.stdout.write(f"{chosen.name} has no codes any more, and signs in anew\n")
        return
    secret = new_secret()
    sys.stdout.write(f"secret   {secret}\naddress  {enrolment(secret, chosen.name)}\n")
    sys.stdout.flush()
    sys.stderr.write("put one of them into an app, and type the code that it shows: ")
    sys.stderr.flush()
    typed = sys.stdin.readline()
    step = accepted(secret, typed, SystemClock().nanoseconds() // NANOSECONDS, 0)
    if step is None:
        raise UsageError("this is not the code of now; nothing was changed, begin again")
    desk.users.set_secret(chosen.name, secret, step)
    desk.told("totp", chosen.name, "codes")
    sys.stdout.write(f"{chosen.name} signs in with codes from now on\n")


def _token(desk: Desk, chosen: Chosen) -> None:
    from fillpath.api.auth.tokens import Scope
    from fillpath.api.auth.users import split
    from fillpath.core.units import iso, moment

    ends_at = desk.now + chosen.days * DAY_NS
    scope, accounts = Scope(chosen.scope), split(chosen.accounts or "")
    made = (chosen.name, chosen.label, scope, accounts)
    text = desk.tokens.make(*made, at=desk.now, ends_at=ends_at)
    desk.told("token", chosen.name, f"{text.split('_')[1]} {scope} {chosen.label}")
    sys.stdout.write(f"{text}\n")
    sys.stderr.write(
        f"a token of the scope {scope} until {iso(moment(ends_at))}; it is shown once\n"
    )


def _revoke(desk: Desk, chosen: Chosen) -> None:
    if chosen.token:
        desk.tokens.end(chosen.token)
        desk.told("revoke", chosen.name, "", chosen.token)
        sys.stdout.write(f"the token {chosen.token} is ended\n")
        return
    desk.users.need(chosen.name)
    count = desk.sessions.end_all(chosen.name) + desk.tokens.end_all(chosen.name)
    desk.told("revoke", chosen.name, "none", f"{count} sessions and tokens")
    sys.stdout.write(f"{count} sessions and tokens of {chosen.name} are ended\n")


def _rights(desk: Desk, name: str) -> str:
    user = desk.users.need(name)
    return f"{user.role}, {', '.join(user.accounts) or 'all accounts'}"


def _log(chosen: Chosen) -> Any:
    from fillpath.api.auth.audit import AuditLog
    from fillpath.settings import load_settings

    anchors = getattr(chosen, "anchors", None)
    return AuditLog(Path(load_settings(chosen.settings).engine.folder), anchors)


def _verify(chosen: Chosen) -> int:
    verdict = _log(chosen).verify()
    sys.stdout.write(
        f"in order: {verdict.entries} entries, {verdict.anchors} anchors agree, last hash "
        f"{verdict.last_hash}\n"
    )
    return OK


def _show_log(chosen: Chosen) -> int:
    for entry in reversed(_log(chosen).newest(chosen.last)):
        if chosen.json:
            sys.stdout.write(json.dumps(entry) + "\n")
            continue
        who = f"{entry['who']} ({entry['role']})" if entry["role"] else entry["who"]
        rest = [entry[name] for name in ("account", "target", "reason") if entry[name]]
        line = [entry["at"], entry["outcome"], who, entry["source"], entry["act"], *rest]
        sys.stdout.write(f"{printable('  '.join(line))}\n")
    return OK


_NAME: Final = Option("name", "name that is typed to sign in", {"metavar": "NAME"})
_ACCOUNTS: Final = Option(
    "--accounts", "only these accounts, with commas between (default: all)", {"metavar": "NAMES"}
)
_JSON: Final = Option("--json", "print JSON", {"action": "store_true"})
COMMANDS: Final = (
    Command(
        ("users", "add"),
        "let somebody sign in at the dashboard; the first password is printed once",
        (
            _NAME,
            Option(
                "--role",
                "what they may do (default viewer)",
                {"choices": ROLES, "default": "viewer"},
            ),
            _ACCOUNTS,
            SETTINGS,
        ),
        _with_desk(_add),
    ),
    Command(("users", "list"), "list who may sign in", (_JSON, SETTINGS), _with_desk(_list)),
    Command(
        ("users", "role"),
        "change what somebody may do; they sign in anew",
        (_NAME, Option("role", "the new role", {"choices": ROLES}), _ACCOUNTS, SETTINGS),
        _with_desk(_role),
    ),
    Command(
        ("users", "disable"),
        "keep somebody out at once",
        (_NAME, Option("--again", "let them in again instead", {"action": "store_true"}), SETTINGS),
        _with_desk(_disable),
    ),
    Command(
        ("users", "password"),
        "give somebody a new first password, printed once, and end their sessions and tokens",
        (_NAME, SETTINGS),
        _with_desk(_password),
    ),
    Command(
        ("users", "totp"),
        "set up codes of an authenticator app for somebody, who is asked for one at once",
        (
            _NAME,
            Option("--remove", "take the codes away instead", {"action": "store_true"}),
            SETTINGS,
        ),
        _with_desk(_totp),
    ),
    Command(
        ("users", "token"),
        "make a token for a program that acts on somebody's behalf; it is printed once",
        (
            _NAME,
            Option("--label", "what it is for", {"metavar": "TEXT", "required": True}),
            Option(
                "--scope",
                "read: look; kill: stop too; trade: send and cancel too (default read)",
                {"choices": SCOPES, "default": "read"},
            ),
            Option(
                "--days",
                "days after which it ends, 1 to 366 (default 90)",
                {"type": whole(1, 366), "metavar": "N", "default": 90},
            ),
            _ACCOUNTS,
            SETTINGS,
        ),
        _with_desk(_token),
    ),
    Command(
        ("users", "revoke"),
        "end every session and token of somebody, or one token",
        (_NAME, Option("--token", "only the token of this id", {"metavar": "ID"}), SETTINGS),
        _with_desk(_revoke),
    ),
    Command(
        ("audit", "verify"),
        "check that nothing in the log of who did what was changed, taken out or cut off",
        (
            Option(
                "--anchors",
                "file of anchors (default: audit.anchors beside the log)",
                {"type": Path, "metavar": "PATH"},
            ),
            SETTINGS,
        ),
        _verify,
    ),
    Command(
        ("audit", "show"),
        "print the newest entries of the log of who did what, oldest of them first",
        (
            Option(
                "--last",
                "how many (default 50)",
                {"type": whole(1, 1_000_000), "metavar": "N", "default": 50},
            ),
            _JSON,
            SETTINGS,
        ),
        _show_log,
    ),
)
