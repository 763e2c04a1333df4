"""What an engine says of itself; the words are in ``core.status``, where readers find them too."""

from fillpath.core.status import Latched, OpenOrder, Part, State, Status, read_status

__all__ = ["Latched", "OpenOrder", "Part", "State", "Status", "read_status"]
