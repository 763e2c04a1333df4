"""What the routes take: filters of lists, and the bodies of acts. Nothing that is not named here."""

from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from fillpath.core.listings import MOST_ROWS, Wanted

LONGEST_TEXT: Final = 200
MOST_ORDERS: Final = 100

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[ -~]+$")]
Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9.-]{1,21}$", examples=["AAPL"])]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
Reason = Annotated[
    str, Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")
]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,8})?$", examples=["100"])]
OrderStatus = Literal[
    "PENDING", "SUBMITTED", "PARTIALLY_FILLED", "FILLED", "CANCELLED", "REJECTED", "EXPIRED"
]
Side = Literal["BUY", "SELL"]
KillScope = Literal["account", "all", "strategy", "symbol"]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfAccount(_Asked):
    """Which account is meant."""

    account: Name | None = Field(None, description="account; left out where there is only one")


class Filter(OfAccount):
    """Which rows of a list, and how many."""

    symbol: Symbol | None = Field(None, description="only this ticker")
    strategy_name: Name | None = Field(None, description="only this strategy")
    since: AwareDatetime | None = Field(None, description="no row before this moment")
    until: AwareDatetime | None = Field(None, description="only rows before this moment")
    q: Text | None = Field(None, description="only rows with this in a name or a reason")
    limit: int = Field(100, ge=1, le=MOST_ROWS, description="rows of the page at most")
    after: str = Field("", max_length=500, description="where the page before ended")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("since must be before until")
        return self

    def wanted(self) -> Wanted:
        """Return what the tables are asked for."""
        known = {
            name: value
            for name in Wanted.__struct_fields__
            if (value := getattr(self, name, None)) is not None
        }
        return Wanted(**known, text=self.q or None)


class OrderFilter(Filter):
    """Which orders."""

    status: OrderStatus | None = Field(None, description="only orders that stand so")
    route: Name | None = Field(None, description="only this row of the routing table")
    side: Side | None = Field(None, description="only buys, or only sells")
    parents_only: bool | None = Field(None, description="leave slices and protective orders out")
    parent_order_id: Name | None = Field(None, description="only slices of this order")
    signal_id: Name | None = Field(None, description="only orders of this signal")


class FillFilter(Filter):
    """Which executions."""

    side: Side | None = Field(None, description="only buys, or only sells")
    order_id: Name | None = Field(None, description="only of this order")
    parent_order_id: Name | None = Field(None, description="only of slices of this order")
    signal_id: Name | None = Field(None, description="only of this signal")


class SignalFilter(Filter):
    """Which signals."""

    outcome: Name | None = Field(None, description="only signals that this became of")
    signal_id: Name | None = Field(None, description="only this signal")


class DecisionFilter(Filter):
    """Which decisions."""

    outcome: Name | None = Field(None, description="only decisions that ended so")
    order_id: Name | None = Field(None, description="only about this order")
    signal_id: Name | None = Field(None, description="only about this signal")


class RefusalFilter(DecisionFilter):
    """Which refusals."""

    outcome: Literal["REFUSED", "HELD", "WAITING"] = Field(
        "REFUSED", description="refused for good, held for now, or waiting for a person"
    )


class QualityFilter(Filter):
    """Which measurements."""

    route: Name | None = Field(None, description="only this row of the routing table")
    side: Side | None = Field(None, description="only buys, or only sells")
    order_id: Name | None = Field(None, description="only of this order")
    parent_order_id: Name | None = Field(None, description="only of slices of this order")


class CostsAsked(OfAccount):
    """Which orders."""

    order_id: list[Name] = Field(
        min_length=1, max_length=MOST_ORDERS, description="our own names for the orders"
    )


class SummaryFilter(OfAccount):
    """Which measurements, and how they are put together."""

    by: Literal["day", "week", "symbol", "strategy", "route", "hour", "size"] = Field(
        "route", description="what the orders of a group share"
    )
    measure: Literal["arrival_bps", "decision_bps", "vwap_bps", "twap_bps", "slippage_bps"] = Field(
        "arrival_bps",
        description="what cost is measured against: the mid at release, the mid at the decision, "
        "the volume-weighted price or the time-weighted mid while it worked, or the expected price",
    )
    symbol: Symbol | None = Field(None, description="only this ticker")
    strategy_name: Name | None = Field(None, description="only this strategy")
    route: Name | None = Field(None, description="only this row of the routing table")
    side: Side | None = Field(None, description="only buys, or only sells")
    since: AwareDatetime | None = Field(None, description="no order filled before this moment")
    until: AwareDatetime | None = Field(None, description="only orders filled before this moment")

    def wanted(self) -> Wanted:
        """Return what the measurements are asked for."""
        return Wanted(
            symbol=self.symbol,
            strategy_name=self.strategy_name,
            route=self.route,
            side=self.side,
            since=self.since,
            until=self.until,
        )


class AlertFilter(OfAccount):
    """Which alerts."""

    code: Name | None = Field(None, description="only alerts of this code")
    unacknowledged: bool = Field(default=False, description="only those nobody knows of")
    since: AwareDatetime | None = Field(None, description="no alert before this moment")
    until: AwareDatetime | None = Field(None, description="only alerts before this moment")
    limit: int = Field(100, ge=1, le=MOST_ROWS, description="rows of the page at most")
    after: str = Field("", max_length=500, description="where the page before ended")


class EquityFilter(OfAccount):
    """Which part of the equity curve."""

    since: AwareDatetime | None = Field(None, description="no point before this moment")
    until: AwareDatetime | None = Field(None, description="only points before this moment")
    points: int = Field(1_000, ge=2, le=5_000, description="points of the curve at most")


class ProfitFilter(OfAccount):
    """How profit is put together."""

    by: Literal["strategy", "symbol"] = Field("symbol", description="what a row is about")


class ClosedLotFilter(OfAccount):
    """Which closed lots."""

    symbol: Symbol | None = Field(None, description="only this ticker")
    since: AwareDatetime | None = Field(None, description="only lots closed from this moment on")
    until: AwareDatetime | None = Field(None, description="only lots closed before this moment")


class LotFilter(ClosedLotFilter):
    """Which lots."""

    open: bool = Field(default=True, description="whether lots that are not closed are among them")


class AuditFilter(_Asked):
    """Which entries of the audit log."""

    limit: int = Field(100, ge=1, le=MOST_ROWS, description="rows of the page at most")
    after: str = Field("", max_length=500, description="where the page before ended")


class EventsAsked(OfAccount):
    """Which updates."""

    since_sequence: int | None = Field(
        None, ge=-1, le=2**53, description="the record from which on to tell; left out: from now on"
    )


class OrderAsked(OfAccount):
    """Which order."""

    order_id: Name = Field(description="our own name for the order")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ApproveBody(_Body):
    """An order that a person allows."""

    order_id: Name = Field(description="the order that waits")
    seen: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="the word that came with its findings"
    )
    word: Name = Field(description="the order's id, typed")


class RejectBody(_Body):
    """An order that a person turns down."""

    order_id: Name = Field(description="the order that waits")
    reason: Reason = Field(description="why; it is journaled")


class CancelBody(_Body):
    """An order that a person cancels."""

    order_id: Name = Field(description="the order; of a sliced one the rest is given up too")
    reason: Reason = Field(description="why; it is journaled")


class SignalBody(_Body):
    """A signal by hand."""

    symbol: Symbol = Field(description="ticker")
    direction: Literal["LONG", "SHORT", "FLAT"] = Field(description="what is wanted")
    strength: Annotated[str, Field(pattern=r"^(0(\.[0-9]{1,8})?|1(\.0{1,8})?)$")] = Field(
        description="conviction from 0 to 1", examples=["0.8"]
    )
    quantity: Amount | None = Field(None, description="shares, instead of sizing")
    signal_price: Amount | None = Field(None, description="price at which it was made")
    strategy_name: Name = Field("manual", description="the strategy that speaks")
    signal_id: Name | None = Field(
        None, description="names it; the same one again trades nothing; left out: one is made"
    )


class KillBody(_Body):
    """What is stopped, and why."""

    scope: KillScope = Field("account", description="how much is stopped")
    target: Name | None = Field(None, description="the strategy or the symbol")
    reason: Reason = Field(description="why; it is journaled")
    word: Name = Field(description="KILL, typed", examples=["KILL"])
    flatten: bool = Field(default=False, description="whether positions are given up too")

    @model_validator(mode="after")
    def _has_target(self) -> Self:
        if (self.scope in {"strategy", "symbol"}) != (self.target is not None):
            raise ValueError("target must be given with the scopes strategy and symbol alone")
        return self


class ResumeBody(_Body):
    """What may trade again."""

    scope: KillScope = Field("account", description="how much may trade again")
    target: Name | None = Field(None, description="the strategy or the symbol")
    word: Name = Field(description="the account's name, or ALL for every account, typed")


class DrillBody(_Body):
    """A kill that is practised."""

    scope: Literal["account", "strategy", "symbol"] = Field(
        "account", description="how much is stopped"
    )
    target: Name | None = Field(None, description="the strategy or the symbol")
    reason: Reason = Field("practice", description="why; it is journaled")
    wait_seconds: int = Field(5, ge=0, le=8, description="how long cancels may take")
    sure: bool = Field(default=False, description="needed where the orders are live")


class TightenBody(_Body):
    """Limits that are tightened."""

    changes: dict[Name, Name] = Field(
        min_length=1, max_length=100, description="new values by the name of the limit"
    )
    reason: Reason = Field(description="why; it is journaled")


class AnswerBody(_Body):
    """What a person says they know of."""

    name: Name = Field(description="as it stands in the list, or all")


class SignInBody(_Body):
    """Who signs in."""

    username: Annotated[str, Field(min_length=1, max_length=64)] = Field(description="name")
    password: Annotated[str, Field(min_length=1, max_length=256)] = Field(description="password")
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = Field(
        None, description="six digits, where a second factor is set up"
    )


class StepUpBody(_Body):
    """The same person once more."""

    password: Annotated[str, Field(min_length=1, max_length=256)] = Field(description="password")
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = Field(
        None, description="six digits, where a second factor is set up"
    )


class PasswordBody(_Body):
    """A new password."""

    password: Annotated[str, Field(min_length=1, max_length=256)] = Field(description="the old one")
    new_password: Annotated[str, Field(min_length=12, max_length=256)] = Field(
        description="at least 12 characters, better 15"
    )


class UserBody(_Body):
    """Somebody who shall be able to sign in."""

    username: Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,64}$")] = Field(description="name")
    role: Literal["viewer", "trader", "risk", "admin"] = Field(description="what they may do")
    accounts: list[Name] = Field(
        default_factory=list, max_length=100, description="accounts they see; empty: every one"
    )


class UserChangeBody(_Body):
    """What changes for somebody who may sign in; left out is left as it is."""

    role: Literal["viewer", "trader", "risk", "admin"] | None = Field(None, description="new role")
    disabled: bool | None = Field(None, description="whether they may not sign in")
    accounts: list[Name] | None = Field(None, max_length=100, description="accounts they see")
