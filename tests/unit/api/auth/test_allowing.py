"""Whether somebody may do what they ask for, now."""

import pytest

from fillpath.api.auth.allowing import needs_code, refusal
from fillpath.api.auth.identities import SCOPES, Identity, cookie_of
from fillpath.api.auth.policy import STEPPED_UP_NS, Guarding
from fillpath.api.auth.sessions import Session
from fillpath.api.auth.tokens import Scope, Token
from fillpath.api.auth.users import User
from fillpath.api.roles import ALLOWED, TRADING, Permission, Role

MINUTE = 60_000_000_000
NOW = 1_000 * MINUTE
OPEN = Guarding(hosts=frozenset())
CODES = Guarding(hosts=frozenset(), code_needed=True)


def a_user(role: Role = Role.ADMIN, **given: object) -> User:
    values = {
        "name": "maria",
        "role": role,
        "accounts": (),
        "password": "",
        "must_change": False,
        "secret": None,
        "last_step": 0,
        "disabled": False,
        "created_at": 0,
        "seen_at": None,
    }
    return User(**values | given)  # type: ignore[arg-type]  # the fields above


def a_person(user: User, acted: int = NOW, proved: int = NOW) -> Identity:
    session = Session(
        hash=b"", name=user.name, created_at=0, acted_at=acted, proved_at=proved, address=""
    )
    return Identity(user=user, session=session)


def a_program(user: User, scope: Scope, accounts: tuple[str, ...] = ()) -> Identity:
    token = Token(
        id="1",
        hash=b"",
        name=user.name,
        label="",
        scope=scope,
        accounts=accounts,
        created_at=0,
        ends_at=NOW,
    )
    return Identity(user=user, token=token)


def code_of(identity: Identity, permission: Permission | None, guarding: Guarding = OPEN) -> str:
    problem = refusal(identity, permission, NOW, guarding, act=permission is not Permission.READ)
    return "" if problem is None else problem.code


@pytest.mark.security("S-03")
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_may_what_the_table_says_and_nothing_else(
    role: Role, permission: Permission
) -> None:
    code = code_of(a_person(a_user(role)), permission)

    assert code == ("" if permission in ALLOWED[role] else "forbidden")


@pytest.mark.security("S-35")
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", sorted(set(Permission) - {Permission.READ}))
def test_a_read_only_token_can_change_nothing_whoever_has_it(
    role: Role, permission: Permission
) -> None:
    assert code_of(a_program(a_user(role), Scope.READ), permission) == "forbidden"


@pytest.mark.security("S-03")
def test_a_token_never_may_more_than_its_person() -> None:
    trading = a_program(a_user(Role.VIEWER), Scope.TRADE)

    assert code_of(trading, Permission.SIGNAL) == "forbidden"
    assert code_of(trading, Permission.KILL) == ""


@pytest.mark.security("S-16", "S-17")
def test_no_token_may_what_takes_a_person() -> None:
    persons = {Permission.APPROVE, Permission.RESUME, Permission.LIMITS, Permission.USERS}

    assert all(not persons & allowed for allowed in SCOPES.values())


@pytest.mark.security("S-03")
@pytest.mark.parametrize("role", Role)
def test_nothing_keeps_anybody_who_is_known_from_killing(role: Role) -> None:
    user = a_user(role, must_change=True)

    assert code_of(a_person(user, acted=0, proved=0), Permission.KILL, CODES) == ""


@pytest.mark.security("S-05")
@pytest.mark.parametrize("permission", [Permission.READ, Permission.SIGNAL, Permission.USERS])
def test_a_first_password_lets_nobody_do_anything_else(permission: Permission) -> None:
    user = a_user(must_change=True)

    assert code_of(a_person(user), permission) == "password_change_needed"
    assert code_of(a_person(user), None) == ""


@pytest.mark.security("S-06")
@pytest.mark.parametrize("role", [Role.TRADER, Role.RISK, Role.ADMIN])
def test_who_trades_needs_codes_where_the_desk_asks_for_them(role: Role) -> None:
    bare, enrolled = a_person(a_user(role)), a_person(a_user(role, secret="S"))  # noqa: S106  # of no account

    assert needs_code(bare, CODES)
    assert code_of(bare, Permission.CANCEL, CODES) == "code_setup_needed"
    assert code_of(bare, Permission.READ, CODES) == ""
    assert code_of(bare, Permission.CANCEL) == ""
    assert code_of(enrolled, Permission.CANCEL, CODES) == ""


def test_who_only_looks_needs_no_codes() -> None:
    assert not needs_code(a_person(a_user(Role.VIEWER)), CODES)


@pytest.mark.security("S-07")
def test_who_did_nothing_for_fifteen_minutes_gives_the_password_again() -> None:
    long, short = (a_person(a_user(), acted=NOW - 15 * MINUTE - more) for more in (1, 0))

    assert code_of(long, Permission.CANCEL) == "step_up"
    assert code_of(long, Permission.READ) == ""
    assert code_of(long, Permission.KILL) == ""
    assert code_of(short, Permission.CANCEL) == ""


@pytest.mark.security("S-16")
@pytest.mark.parametrize("permission", [Permission.RESUME, Permission.USERS])
def test_what_loosens_asks_for_the_password_once_more(permission: Permission) -> None:
    before, just = (a_person(a_user(), proved=NOW - STEPPED_UP_NS - more) for more in (1, 0))

    assert code_of(before, permission) == "step_up"
    assert code_of(just, permission) == ""


@pytest.mark.security("S-04")
@pytest.mark.parametrize("permission", [Permission.USERS, Permission.AUDIT, Permission.JOBS])
def test_who_sees_some_accounts_manages_nothing_of_all(permission: Permission) -> None:
    assert code_of(a_person(a_user(accounts=("A",))), permission) == "forbidden"


@pytest.mark.security("S-04")
def test_a_token_sees_no_account_that_its_person_does_not() -> None:
    user = a_user(accounts=("A", "B"))

    assert a_program(user, Scope.READ).principal.accounts == frozenset("AB")
    assert a_program(user, Scope.READ, ("B", "C")).principal.accounts == frozenset("B")
    assert not a_program(user, Scope.READ, ("C",)).principal.sees("A")
    assert a_program(a_user(), Scope.READ, ("C",)).principal.accounts == frozenset("C")
    assert a_person(a_user()).principal.sees("A")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("", ""),
        ("name=word", "word"),
        ("other=1; name=wo=rd ;x", "wo=rd"),
        ("names=1; xname=2", ""),
        ("name=1; name=2", ""),
    ],
)
def test_a_cookie_is_read_or_it_is_none(header: str, value: str) -> None:
    assert cookie_of(header, "name") == value


def test_what_trades_is_more_than_looking() -> None:
    assert TRADING & ALLOWED[Role.VIEWER] == {Permission.KILL}
