"""A desk whose order was filled, and a look at what became of it."""

from typing import Final

from fillpath.core.commands import FillRevised
from fillpath.core.units import Number
from fillpath.execution.desk.state import OrderState
from tests.unit.execution.desk.scene import Answer, Scene, shares

ORDER: Final = "trend/sig-1"


def filled(quantity: int = 100, paid: Number = 150) -> Scene:
    """Return a desk whose order of 100 shares was filled in one execution, x1."""
    scene = Scene()
    scene.signal(quantity=100)
    scene.accept(ORDER)
    scene.fill(ORDER, quantity, paid)
    return scene


def order_of(scene: Scene, order_id: str = ORDER) -> OrderState:
    state = scene.desk.state
    return state.orders.get(order_id) or state.recent[order_id]


def revised(answer: Answer) -> list[tuple[int, int]]:
    return [(r.filled.quantity // shares(1), r.revision) for r in answer.of(FillRevised)]


def sliced() -> Scene:
    """Return a desk that has just sent the first of five slices, 200 shares each."""
    scene = Scene()
    scene.show(adv=shares(50_000))
    scene.signal(quantity=1_000)
    scene.accept(f"{ORDER}#1")
    return scene
