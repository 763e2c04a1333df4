"""Signing in and out, and managing who may."""

from pathlib import Path

import pyotp
import pytest

from fillpath.api.auth.tokens import Scope
from fillpath.api.roles import Role
from tests.unit.api.gate.desks import KILL, PASSWORD, Scene, code_of, page_headers

SESSION = "/api/v1/session"
WRONG = "a wrong password"
ANOTHER = "eight yellow boats on a hill"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105  # of nobody


def given(name: str = "tom", password: str = PASSWORD, code: str | None = None) -> dict[str, str]:
    body = {"username": name, "password": password}
    return body if code is None else {**body, "code": code}


@pytest.mark.security("S-07")
async def test_a_session_is_a_cookie_that_no_script_and_no_other_site_reads(scene: Scene) -> None:
    async with scene.asker(page_headers()) as asking:
        answer = await asking.post(SESSION, json=given())

    name, _, rest = answer.headers["set-cookie"].partition("=")
    word, *attributes = rest.split("; ")
    assert name.startswith("__Host-")
    assert len(word) >= 43
    assert set(attributes) == {
        "Path=/",
        "Max-Age=43200",
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
    }
    assert word not in answer.text
    assert answer.json()["username"] == "tom"
    assert answer.json()["role"] == "trader"
    assert answer.json()["accounts"] == ["ACC1", "ACC2"]


@pytest.mark.security("S-07")
async def test_the_page_is_who_signed_in_until_it_signs_out(scene: Scene) -> None:
    async with scene.asker(page_headers()) as asking:
        answer = await asking.post(SESSION, json=given())
        cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
        before = await asking.get(SESSION, headers=cookie)
        out = await asking.delete(SESSION, headers=cookie)
        after = await asking.get(SESSION, headers=cookie)

    assert before.json()["username"] == "tom"
    assert out.json()["done"]
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert after.status_code == 401


@pytest.mark.security("S-07")
async def test_a_session_from_before_does_not_live_on(scene: Scene) -> None:
    async with scene.person("vic") as asking:
        await asking.post(SESSION, json=given())
        answer = await asking.get(SESSION)

    assert answer.status_code == 401


@pytest.mark.parametrize("body", [given("nobody"), given(password=WRONG), given("tom ", PASSWORD)])
async def test_nobody_learns_which_of_the_two_was_wrong(scene: Scene, body: dict[str, str]) -> None:
    async with scene.asker(page_headers()) as asking:
        answer = await asking.post(SESSION, json=body)

    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "the name or the password is wrong"
    assert "set-cookie" not in answer.headers


async def test_who_is_disabled_does_not_sign_in(scene: Scene) -> None:
    scene.desk.users.set_disabled("tom", disabled=True)

    async with scene.asker(page_headers()) as asking:
        answer = await asking.post(SESSION, json=given())

    assert code_of(answer) == "wrong_sign_in"


@pytest.mark.security("S-12")
async def test_who_guesses_waits_longer_and_longer(scene: Scene) -> None:
    async with scene.asker(page_headers()) as asking:
        guesses = []
        for _ in range(6):
            scene.clock.advance(1)
            guesses.append(await asking.post(SESSION, json=given(password=WRONG)))
        right = await asking.post(SESSION, json=given())
        scene.clock.advance(60)
        later = await asking.post(SESSION, json=given())

    assert [answer.status_code for answer in guesses] == [401] * 5 + [429]
    assert guesses[-1].headers["retry-after"] == "59"
    assert right.status_code == 429
    assert later.status_code == 200


@pytest.mark.security("S-12")
async def test_a_guesser_elsewhere_keeps_nobody_out(scene: Scene) -> None:
    async with (
        scene.asker(page_headers(), "6.6.6.6") as guesser,
        scene.asker(page_headers()) as tom,
    ):
        for _ in range(20):
            await guesser.post(SESSION, json=given(password=WRONG))
        answer = await tom.post(SESSION, json=given())

    assert answer.status_code == 200


@pytest.mark.security("S-06")
async def test_who_has_codes_gives_one_and_each_counts_once(scene: Scene) -> None:
    scene.desk.users.set_secret("tom", SECRET)
    code = pyotp.TOTP(SECRET).at(scene.clock.now())

    async with scene.asker(page_headers()) as asking:
        without = await asking.post(SESSION, json=given())
        wrong = await asking.post(SESSION, json=given(code="000000"))
        right = await asking.post(SESSION, json=given(code=code))
        again = await asking.post(SESSION, json=given(code=code))

    assert [code_of(answer) for answer in (without, wrong, right, again)] == [
        "code_needed",
        "wrong_code",
        "",
        "wrong_code",
    ]


@pytest.mark.security("S-06")
async def test_where_codes_are_needed_who_has_none_looks_and_stops_only(tmp_path: Path) -> None:
    scene = Scene(tmp_path, code_needed=True)

    async with scene.person("tom") as asking:
        session = await asking.get(SESSION)
        act = await asking.post("/api/v1/system/alerts/1/acknowledge?account=ACC1", json={})
        killed = await asking.post("/api/v1/risk/kill?account=ACC1", json=KILL)
    scene.desk.file.close()

    assert session.json()["permissions"] == ["kill", "read"]
    assert code_of(act) == "code_setup_needed"
    assert killed.status_code == 200


@pytest.mark.security("S-05")
async def test_a_first_password_is_changed_before_anything_else(scene: Scene) -> None:
    scene.desk.users.set_password("tom", scene.kept, by_owner=False)

    async with scene.person("tom") as asking:
        first = await asking.get(SESSION)
        refused = await asking.get("/api/v1/accounts")
        changed = await asking.post(
            f"{SESSION}/password", json={"password": PASSWORD, "new_password": ANOTHER}
        )
        old = await asking.get(SESSION)
        cookie = {"cookie": changed.headers["set-cookie"].partition(";")[0]}
        after = await asking.get("/api/v1/accounts", headers=cookie)

    assert first.json()["must_change_password"]
    assert first.json()["permissions"] == ["kill"]
    assert code_of(refused) == "password_change_needed"
    assert not changed.json()["must_change_password"]
    assert old.status_code == 401
    assert after.status_code != 403


@pytest.mark.security("S-06")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"password": WRONG, "new_password": ANOTHER}, "wrong_sign_in"),
        ({"password": PASSWORD, "new_password": PASSWORD}, "invalid"),
        ({"password": PASSWORD, "new_password": "passwordpassword"}, "invalid"),
        ({"password": PASSWORD, "new_password": "short"}, "invalid"),
    ],
)
async def test_a_password_is_not_changed_by_anybody_to_anything(
    scene: Scene, body: dict[str, str], code: str
) -> None:
    async with scene.person("tom") as asking:
        answer = await asking.post(f"{SESSION}/password", json=body)
        after = await asking.get(SESSION)

    assert code_of(answer) == code
    assert answer.status_code in {403, 422}
    assert after.status_code == 200


@pytest.mark.security("S-07", "S-16")
async def test_showing_it_again_begins_a_new_session_in_the_place_of_the_old(scene: Scene) -> None:
    async with scene.person("rita") as asking:
        scene.clock.advance(3_600)
        stale = await asking.get(SESSION)
        body = {"password": PASSWORD}
        answer = await asking.post(f"{SESSION}/step-up", json=body)
        old = await asking.get(SESSION)

    assert stale.json()["stepped_up_until"] is None
    assert answer.json()["stepped_up_until"] == "2026-01-05T16:05:00Z"
    assert answer.json()["expires_at"] == "2026-01-06T03:00:00Z"
    assert old.status_code == 401


async def test_a_program_has_no_session_to_change(scene: Scene) -> None:
    async with scene.program("tom", Scope.TRADE) as asking:
        answers = [
            await asking.delete(SESSION),
            await asking.post(f"{SESSION}/step-up", json={"password": PASSWORD}),
            await asking.post(
                f"{SESSION}/password", json={"password": PASSWORD, "new_password": ANOTHER}
            ),
        ]

    assert [code_of(answer) for answer in answers] == ["forbidden"] * 3


async def test_an_admin_manages_who_may(scene: Scene) -> None:
    async with scene.person("ada") as asking:
        added = await asking.post(
            "/api/v1/users", json={"username": "eve", "role": "viewer", "accounts": ["ACC2"]}
        )
        changed = await asking.post("/api/v1/users/eve/change", json={"role": "trader"})
        everybody = await asking.get("/api/v1/users")
        reset = await asking.post("/api/v1/users/eve/reset", json={})
        ended = await asking.post("/api/v1/users/eve/revoke", json={})
        off = await asking.post("/api/v1/users/eve/change", json={"disabled": True})

    first = added.json()["text"].split()[4]
    assert changed.json()["role"] == "trader"
    assert changed.json()["accounts"] == ["ACC2"]
    eve = next(row for row in everybody.json()["rows"] if row["username"] == "eve")
    assert eve["must_change_password"]
    assert eve["last_seen_at"] is None
    assert first not in reset.json()["text"]
    assert ended.json()["text"] == "0 sessions and tokens of eve ended"
    assert off.json()["disabled"]
    assert first not in (scene.desk.audit.path).read_text("utf-8")
    assert scene.log()[3]["after"] == "trader, ACC2"
    assert scene.log()[3]["before"] == "viewer, ACC2"


@pytest.mark.parametrize("act", ["change", "reset", "revoke"])
async def test_nobody_is_not_managed(scene: Scene, act: str) -> None:
    async with scene.person("ada") as asking:
        answer = await asking.post(f"/api/v1/users/eve/{act}", json={})

    assert code_of(answer) == "unknown_user"


async def test_the_last_admin_stays(scene: Scene) -> None:
    async with scene.person("ada") as asking:
        answer = await asking.post("/api/v1/users/ada/change", json={"role": "viewer"})

    assert answer.status_code == 409
    assert scene.desk.users.need("ada").role is Role.ADMIN


@pytest.mark.security("S-05")
def test_the_first_user_is_made_once_with_a_random_password(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "a")
    other = Scene.__new__(Scene)
    other.desk = type(scene.desk)(tmp_path / "b", scene.desk.guarding, scene.clock)

    first, again = other.desk.first_user("maria"), other.desk.first_user("maria")

    assert scene.desk.first_user("maria") is None
    assert first is not None
    assert len(first) >= 20
    assert again is None
    assert other.desk.users.need("maria").must_change
    assert other.desk.users.need("maria").role is Role.ADMIN
    for made in (scene.desk, other.desk):
        made.file.close()
