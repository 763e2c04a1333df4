"""Who may sign in: names, roles, and what ends when rights are taken away."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from fillpath.api.auth.file import DeskFile
from fillpath.api.auth.sessions import MOST_OF_ONE, Sessions
from fillpath.api.auth.tokens import MOST_OF_ONE as MOST_TOKENS
from fillpath.api.auth.tokens import Scope, Tokens
from fillpath.api.auth.users import Users, checked, split
from fillpath.api.roles import Role
from fillpath.core.errors import ConfigError
from tests.unit.api.auth.racing import raced

HOUR = 3_600_000_000_000


class Scene:
    """A desk's file with an admin, ada, and a trader, tom."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = DeskFile(folder)
        self.users = Users(self.file)
        self.sessions = Sessions(self.file, 12 * HOUR)
        self.tokens = Tokens(self.file)
        self.users.add("ada", Role.ADMIN, "kept", 1)
        self.users.add("tom", Role.TRADER, "kept", 2, ("ACC1",))

    def token(self, name: str = "tom", scope: Scope = Scope.READ, ends_at: int = HOUR) -> str:
        return self.tokens.make(name, "a label", scope, (), at=0, ends_at=ends_at)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    with made.file:
        yield made


class TestUsers:
    @pytest.mark.security("S-05")
    def test_somebody_new_has_to_choose_a_password(self, scene: Scene) -> None:
        tom = scene.users.need("tom")

        assert tom.must_change
        assert tom.role is Role.TRADER
        assert tom.accounts == ("ACC1",)
        assert tom.secret is None
        assert [user.name for user in scene.users.all()] == ["ada", "tom"]

    @pytest.mark.parametrize("name", ["", "Tom", "1om", "to m", "tom\n", "t" * 33, "'; DROP TABLE"])
    def test_a_name_that_is_none_is_refused(self, scene: Scene, name: str) -> None:
        with pytest.raises(ConfigError, match="name must"):
            scene.users.add(name, Role.VIEWER, "kept", 1)

    def test_a_name_is_taken_once(self, scene: Scene) -> None:
        with pytest.raises(ConfigError, match="already"):
            scene.users.add("tom", Role.VIEWER, "kept", 1)

    def test_an_account_that_is_no_name_is_refused(self, scene: Scene) -> None:
        with pytest.raises(ConfigError, match="accounts must"):
            scene.users.add("eve", Role.VIEWER, "kept", 1, ("A,B",))

    @pytest.mark.security("S-06")
    def test_a_weak_password_is_not_kept(self) -> None:
        with pytest.raises(ConfigError, match="12 to 256"):
            checked("short", "tom")

    def test_nobody_is_said(self, scene: Scene) -> None:
        assert scene.users.get("eve") is None
        for act in (
            lambda: scene.users.need("eve"),
            lambda: scene.users.set_role("eve", Role.RISK),
            lambda: scene.users.set_disabled("eve", disabled=True),
            lambda: scene.users.set_password("eve", "kept", by_owner=True),
            lambda: scene.users.set_secret("eve", None),
        ):
            with pytest.raises(ConfigError, match="no user eve"):
                act()

    def test_the_last_admin_stays(self, scene: Scene) -> None:
        with pytest.raises(ConfigError, match="last admin"):
            scene.users.set_role("ada", Role.RISK)
        with pytest.raises(ConfigError, match="last admin"):
            scene.users.set_disabled("ada", disabled=True)

        scene.users.set_role("tom", Role.ADMIN)
        scene.users.set_disabled("ada", disabled=True)

        assert scene.users.need("ada").disabled

    @pytest.mark.security("S-27")
    def test_two_admins_who_remove_each_other_leave_one(self, tmp_path: Path) -> None:
        made = Scene(tmp_path)
        made.users.set_role("tom", Role.ADMIN)

        def remove(file: DeskFile, number: int) -> None:
            with suppress(ConfigError):
                Users(file).set_disabled(("ada", "tom")[number % 2], disabled=True)
                assert not all(user.disabled for user in Users(file).all())
                Users(file).set_disabled("ada", disabled=False)
                Users(file).set_disabled("tom", disabled=False)

        raced(tmp_path, remove, 100)

        assert [user.disabled for user in made.users.all()].count(False) >= 1
        made.file.close()

    @pytest.mark.security("S-07")
    @pytest.mark.parametrize("act", ["role", "disabled", "password", "secret"])
    def test_whoever_loses_or_gains_a_right_signs_in_anew(self, scene: Scene, act: str) -> None:
        word, other = scene.sessions.begin("tom", "here", 5), scene.sessions.begin("ada", "here", 5)
        token = scene.token()

        match act:
            case "role":
                scene.users.set_role("tom", Role.RISK, ("ACC2",))
            case "disabled":
                scene.users.set_disabled("tom", disabled=True)
            case "password":
                scene.users.set_password("tom", "kept", by_owner=False)
            case _:
                scene.users.set_secret("tom", "SECRET", 7)

        assert scene.sessions.get(word, 6) is None
        assert scene.sessions.get(other, 6) is not None
        assert scene.tokens.get(token, 6) is None

    def test_a_password_of_ones_own_keeps_the_tokens(self, scene: Scene) -> None:
        token = scene.token()

        scene.users.set_password("tom", "other", by_owner=True)

        assert scene.tokens.get(token, 6) is not None
        assert not scene.users.need("tom").must_change

    @pytest.mark.security("S-06", "S-27")
    def test_a_code_counts_once_however_many_ask_at_once(self, scene: Scene) -> None:
        taken = raced(scene.folder, lambda file, number: Users(file).use_step("tom", number + 1))

        assert len(taken) == 1_000
        assert sum(taken) <= 250
        assert scene.users.need("tom").last_step == 250


class TestSessions:
    @pytest.mark.security("S-07")
    def test_an_id_is_random_and_only_its_hash_is_kept(self, scene: Scene) -> None:
        word = scene.sessions.begin("tom", "here", 5)

        rows = scene.file.rows("SELECT * FROM sessions")

        assert len(word) >= 32
        assert word != scene.sessions.begin("tom", "here", 5)
        assert word.encode() not in repr(rows).encode()
        assert scene.sessions.get(word, 6) is not None
        assert scene.sessions.get(word + "x", 6) is None
        assert scene.users.need("tom").seen_at == 5

    @pytest.mark.security("S-07")
    def test_a_session_ends_after_twelve_hours_whatever_happens(self, scene: Scene) -> None:
        word = scene.sessions.begin("tom", "here", 0)
        session = scene.sessions.get(word, 12 * HOUR - 1)
        assert session is not None
        scene.sessions.acted(session, 12 * HOUR - 1)

        assert scene.sessions.get(word, 12 * HOUR) is None
        assert scene.sessions.ends_at(session) == 12 * HOUR

    @pytest.mark.security("S-07")
    def test_a_session_is_ended_at_the_server(self, scene: Scene) -> None:
        first, second = (scene.sessions.begin("tom", "here", at) for at in (5, 6))
        session = scene.sessions.get(first, 7)
        assert session is not None

        scene.sessions.end(session)

        assert scene.sessions.get(first, 7) is None
        assert scene.sessions.get(second, 7) is not None
        assert scene.sessions.end_all("tom") == 1
        assert scene.sessions.get(second, 7) is None

    def test_nobody_has_too_many(self, scene: Scene) -> None:
        words = [scene.sessions.begin("tom", "here", at) for at in range(MOST_OF_ONE + 3)]

        alive = [word for word in words if scene.sessions.get(word, 100) is not None]

        assert alive == words[3:]

    def test_old_ones_leave_the_file(self, scene: Scene) -> None:
        scene.sessions.begin("tom", "here", 0)
        scene.sessions.begin("ada", "here", 13 * HOUR)

        assert len(scene.file.rows("SELECT * FROM sessions")) == 1


class TestTokens:
    @pytest.mark.security("S-35")
    def test_a_token_is_shown_once_and_only_its_hash_is_kept(self, scene: Scene) -> None:
        text = scene.token()

        token = scene.tokens.get(text, 5)

        assert token is not None
        assert token.scope is Scope.READ
        secret = text.split("_", 2)[2]
        assert secret not in repr(scene.file.rows("SELECT * FROM tokens"))
        assert scene.tokens.all() == (token,)

    @pytest.mark.parametrize(
        "text", ["", "fillpath", "fillpath_", "fillpath_a_b", "other_a_b", "_"]
    )
    def test_what_is_no_token_is_none(self, scene: Scene, text: str) -> None:
        assert scene.tokens.get(text, 5) is None

    def test_half_of_one_is_none(self, scene: Scene) -> None:
        one, other = scene.token(), scene.token()

        mixed = "_".join([*one.split("_", 2)[:2], other.split("_", 2)[2]])

        assert scene.tokens.get(mixed, 5) is None

    @pytest.mark.security("S-35")
    def test_a_token_ends(self, scene: Scene) -> None:
        text = scene.token(ends_at=10)

        assert scene.tokens.get(text, 9) is not None
        assert scene.tokens.get(text, 10) is None

    def test_a_token_can_be_taken_back(self, scene: Scene) -> None:
        text = scene.token()
        public = text.split("_")[1]

        scene.tokens.end(public)

        assert scene.tokens.get(text, 5) is None
        with pytest.raises(ConfigError, match="no token"):
            scene.tokens.end(public)

    def test_what_cannot_be_made_is_said(self, scene: Scene) -> None:
        with pytest.raises(ConfigError, match="no user eve"):
            scene.token("eve")
        with pytest.raises(ConfigError, match="label"):
            scene.tokens.make("tom", "a\nb", Scope.READ, (), at=0, ends_at=1)
        for _ in range(MOST_TOKENS):
            scene.token()
        with pytest.raises(ConfigError, match="the most"):
            scene.token()


def test_accounts_are_words_with_commas_between() -> None:
    assert split(" A, B,,C ") == ("A", "B", "C")
    assert split("") == ()
