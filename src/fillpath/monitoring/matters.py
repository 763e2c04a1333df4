"""Which alerts tell of a matter that the pager tells of: whoever knows of one knows of the other."""

from fillpath.monitoring.alerts import Alert, about

_ABOUT = {"hold": "TRADING_HELD", "quarantine": "SYMBOL_QUARANTINED"}
_BARE = frozenset({"UNPROTECTED", "OPENING_UNPROTECTED"})
ACCOUNT = "account"


def tells_of(alert: Alert, matter: str) -> bool:
    """Return whether an alert and a matter are about the same.

    Args:
        alert: what the book holds.
        matter: name as the pager has it, such as ``latch KILL_SWITCH strategy trend``.
    """
    kind, _, rest = matter.partition(" ")
    first, _, where = rest.partition(" ")
    match kind:
        case "latch":
            return alert.code == first and _is_there(alert.text, where)
        case "doubt":
            return alert.code == "IN_DOUBT" and alert.order_id == rest
        case "unprotected":
            return (
                alert.code in _BARE and about(alert.text) == f"{first} of {where or 'no strategy'}"
            )
        case _:
            return alert.code == _ABOUT.get(kind) and about(alert.text) == first


def _is_there(text: str, where: str) -> bool:
    """Return whether a latch names its scope, which that of the whole account does not."""
    head = text.partition(":")[0]
    return f"({where})" in head if where.partition(" ")[2] else "(" not in head


__all__ = ["tells_of"]
