"""Signing in and out, and who may: the shapes and places; ``auth`` answers them."""

# ruff: noqa: ARG001  # the places alone; what answers them is plugged in

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from fillpath.api.answers import Done, SessionShown, Users, UserShown
from fillpath.api.contract import ACTS, PREFIX, told
from fillpath.api.errors import Problem
from fillpath.api.needs import needs, open_to_all
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.schemas import PasswordBody, SignInBody, StepUpBody, UserBody, UserChangeBody

router = APIRouter(prefix=PREFIX)

SignedIn = Annotated[Principal, needs(None)]
Admin = Annotated[Principal, needs(Permission.USERS)]
Username = Annotated[str, Path(pattern=r"^[a-z0-9._-]{1,64}$")]


def _missing() -> Problem:
    return Problem(404, "no_sign_in", "this server keeps no users")


@router.post(
    "/session",
    operation_id="signIn",
    tags=["session"],
    dependencies=[open_to_all()],
    **told(SessionShown, ACTS),
)
async def sign_in(request: Request, body: SignInBody) -> Response:
    """Sign in."""
    raise _missing()


@router.get("/session", operation_id="session", tags=["session"], **told(SessionShown))
async def session(request: Request, who: SignedIn) -> Response:
    """Tell who is signed in."""
    raise _missing()


@router.delete("/session", operation_id="signOut", tags=["session"], **told(Done, ACTS))
async def sign_out(request: Request, who: SignedIn) -> Response:
    """Sign out."""
    raise _missing()


@router.post(
    "/session/password", operation_id="changePassword", tags=["session"], **told(SessionShown, ACTS)
)
async def change_password(request: Request, who: SignedIn, body: PasswordBody) -> Response:
    """Choose a new password."""
    raise _missing()


@router.post(
    "/session/step-up", operation_id="stepUp", tags=["session"], **told(SessionShown, ACTS)
)
async def step_up(request: Request, who: SignedIn, body: StepUpBody) -> Response:
    """Show once more who it is, before what moves money."""
    raise _missing()


@router.get("/users", operation_id="users", tags=["users"], **told(Users))
async def users(request: Request, who: Admin) -> Response:
    """List everybody who may sign in."""
    raise _missing()


@router.post("/users", operation_id="addUser", tags=["users"], **told(Done, ACTS))
async def add_user(request: Request, who: Admin, body: UserBody) -> Response:
    """Let somebody sign in; the answer shows the first password this once."""
    raise _missing()


@router.post(
    "/users/{username}/change", operation_id="changeUser", tags=["users"], **told(UserShown, ACTS)
)
async def change_user(
    request: Request, who: Admin, username: Username, body: UserChangeBody
) -> Response:
    """Change what somebody may do."""
    raise _missing()


@router.post(
    "/users/{username}/reset", operation_id="resetPassword", tags=["users"], **told(Done, ACTS)
)
async def reset_password(request: Request, who: Admin, username: Username) -> Response:
    """Give somebody a new password, shown this once, and end their sessions."""
    raise _missing()


@router.post(
    "/users/{username}/revoke", operation_id="endSessions", tags=["users"], **told(Done, ACTS)
)
async def end_sessions(request: Request, who: Admin, username: Username) -> Response:
    """End every session and token of somebody."""
    raise _missing()
