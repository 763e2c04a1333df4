"""Every control by its id: what it demands, where it is decided and which setting moves it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fillpath.risk.controls.at_trade import AT_TRADE
from fillpath.risk.controls.authority import AUTHORITY
from fillpath.risk.controls.control import Control, Kind
from fillpath.risk.controls.orders import ORDERS
from fillpath.risk.controls.post_trade import POST_TRADE

CONTROLS: Final[Mapping[str, Control]] = MappingProxyType(
    {control.id: control for control in (*ORDERS, *AUTHORITY, *AT_TRADE, *POST_TRADE)}
)
"""All controls: C-01 to C-53, A-01 to A-18, P-01 to P-12."""


def control_of(code: str) -> Control | None:
    """Return the control that gives a reason code, or None when none does.

    ``CTRL_15_INPUT`` is an operand that C-15 cannot use.
    """
    if code.startswith("CTRL_") and code.endswith("_INPUT"):
        return CONTROLS.get(f"C-{code.removeprefix('CTRL_').removesuffix('_INPUT')}")
    return _BY_CODE.get(code)


_BY_CODE: Final[Mapping[str, Control]] = MappingProxyType(
    {code: control for control in reversed(list(CONTROLS.values())) for code in control.codes}
)

__all__ = ["CONTROLS", "Control", "Kind", "control_of"]
