"""The whole decision: facts in, intents out, nothing else touched."""

from fillpath.execution.desk.desk import Desk
from fillpath.execution.desk.state import DeskState

__all__ = ["Desk", "DeskState"]
