"""Who asks: the name, the role and the accounts of whoever is behind a request."""

from msgspec import Struct

from fillpath.api.roles import ALLOWED, Permission, Role


class Principal(Struct, frozen=True, kw_only=True):
    """A person or a program that has shown who it is.

    Args:
        name: as it signs in; acts are journaled under it.
        role: what it may do.
        accounts: the accounts that it may see; None for every one.
        session: names its session or token, for the audit log; never the secret itself.
        permissions: what it may do where that is less than its role; None: all of it.
    """

    name: str
    role: Role
    accounts: frozenset[str] | None = None
    session: str = ""
    permissions: frozenset[Permission] | None = None

    def may(self, permission: Permission) -> bool:
        """Return whether it has a permission, which is never one that its role has not."""
        narrowed = self.permissions is None or permission in self.permissions
        return narrowed and permission in ALLOWED[self.role]

    def sees(self, account: str) -> bool:
        """Return whether it may know of an account at all."""
        return self.accounts is None or account in self.accounts


__all__ = ["Principal"]
