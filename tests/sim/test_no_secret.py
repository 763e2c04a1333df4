"""No secret of the settings gets into anything that an engine writes, stores, publishes or tells."""

from typing import Final

import pytest

from fillpath.chaos.simulation import Asked, simulate
from fillpath.chaos.world import World
from fillpath.data.bus.messages import outgoing
from fillpath.settings import load_settings

CANARIES: Final = ("c4n4ry-r3d1s", "c4n4ry-p0stgr3s", "DU4711471")
SETTINGS: Final = {
    "SA_REDIS__URL": f"redis://engine:{CANARIES[0]}@127.0.0.1:6379/0",
    "SA_DATABASE__URL": f"postgresql://engine:{CANARIES[1]}@127.0.0.1:5432/fillpath",
    "SA_BROKER__IBKR__ACCOUNT_ID": CANARIES[2],
}


class Ears:
    """Hears everything that a run leaves behind."""

    def __init__(self) -> None:
        self.said = b""

    def __call__(self, world: World) -> None:
        messages = [m for row in world.tables.rows if (m := outgoing("SIM", row)) is not None]
        parts = (
            bytes(world.disk.durable),
            repr(world.tables.rows).encode(),
            repr(messages).encode(),
            repr(world.stream.published).encode(),
            repr(list(world.story)).encode(),
            repr([record for _, record in world.witness.journal]).encode(),
        )
        self.said = b"\n".join(parts)


@pytest.mark.parametrize("seed", [2, 7])
@pytest.mark.security("S-15", "S-20")
def test_no_secret_of_the_settings_is_written_anywhere(seed: int) -> None:
    settings = load_settings(environment=SETTINGS)
    ears = Ears()

    ran = simulate(seed, asked=Asked(policy=settings.desk_policy(), heard=ears))

    assert ran.violation is None, ran.story
    assert all(canary in repr(settings.model_dump()) for canary in CANARIES)
    assert b"place_order" in ears.said or b"PlaceOrder" in ears.said
    assert [canary for canary in CANARIES if canary.encode() in ears.said] == []
