"""How a route says whom it serves; one that says nothing is found by a test."""

from typing import Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from fillpath.api.errors import Problem
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission


class Needs:
    """Let only those in who have a permission.

    Args:
        permission: which; None lets everybody in who has shown who they are.
    """

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Principal:
        """Return who asks.

        Raises:
            Problem: nobody said who asks, or they may not.
        """
        principal = getattr(request.state, "principal", None)
        if not isinstance(principal, Principal):
            raise Problem(401, "unauthenticated", "sign in first")
        if self.permission is not None and not principal.may(self.permission):
            text = f"the role {principal.role} may not {self.permission}"
            raise Problem(403, "forbidden", text)
        return principal


class Open:
    """Let everybody in; for signing in, and for the sign of life."""

    def __call__(self) -> None:
        """Ask nothing."""


def needs(permission: Permission | None) -> Any:
    """Return the dependency of a route that asks for a permission; its value is the principal."""
    return Depends(Needs(permission))


def open_to_all() -> Any:
    """Return the dependency of a route that asks nobody who they are."""
    return Depends(Open())


def access_of(route: APIRoute) -> Needs | Open | None:
    """Return whom a route lets in; None where it does not say."""
    found = [below.call for below in route.dependant.dependencies]
    return next((call for call in found if isinstance(call, Needs | Open)), None)


__all__ = ["Needs", "Open", "access_of", "needs", "open_to_all"]
