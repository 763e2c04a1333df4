"""Signing in and out, and who may."""

# the places alone; what answers them is plugged in

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from fillpath.api import people
from fillpath.api.answers import Done, SessionShown, Users, UserShown
from fillpath.api.contract import ACTS, PREFIX, told
from fillpath.api.needs import needs, open_to_all
from fillpath.api.principal import Principal
from fillpath.api.roles import Permission
from fillpath.api.schemas import PasswordBody, SignInBody, StepUpBody, UserBody, UserChangeBody
from fillpath.api.writing import answered

router = APIRouter(prefix=PREFIX)

SignedIn = Annotated[Principal, needs(None)]
Admin = Annotated[Principal, needs(Permission.USERS)]
Username = Annotated[str, Path(pattern=r"^[a-z0-9._-]{1,64}$")]


@router.post(
    "/session",
    operation_id="signIn",
    tags=["session"],
    dependencies=[open_to_all()],
    **told(SessionShown, ACTS),
)
async def sign_in(request: Request, body: SignInBody) -> Response:
    """Sign in."""
    desk, address = people.desk_of(request), people.address_of(request)
    before = getattr(request.state, people.IDENTITY, None)
    word = await desk.signing.sign_in(body.username, body.password, body.code, address)
    if before is not None and before.session is not None:
        desk.sessions.end(before.session)
    return people.signed_in(request, word)


@router.get("/session", operation_id="session", tags=["session"], **told(SessionShown))
async def session(request: Request, _who: SignedIn) -> Response:
    """Tell who is signed in."""
    identity = people.identity_of(request)
    return answered(people.session_shown(request, identity))


@router.delete("/session", operation_id="signOut", tags=["session"], **told(Done, ACTS))
async def sign_out(request: Request, _who: SignedIn) -> Response:
    """Sign out."""
    return people.signed_out(request)


@router.post(
    "/session/password", operation_id="changePassword", tags=["session"], **told(SessionShown, ACTS)
)
async def change_password(request: Request, _who: SignedIn, body: PasswordBody) -> Response:
    """Choose a new password."""
    identity, address = people.identity_of(request), people.address_of(request)
    signing = people.desk_of(request).signing
    given = (body.password, body.new_password, address)
    return people.signed_in(request, await signing.change_password(identity, *given))


@router.post(
    "/session/step-up", operation_id="stepUp", tags=["session"], **told(SessionShown, ACTS)
)
async def step_up(request: Request, _who: SignedIn, body: StepUpBody) -> Response:
    """Show once more who it is, before what moves money."""
    identity, address = people.identity_of(request), people.address_of(request)
    signing = people.desk_of(request).signing
    word = await signing.step_up(identity, body.password, body.code, address)
    return people.signed_in(request, word)


@router.get("/users", operation_id="users", tags=["users"], **told(Users))
async def users(request: Request, _who: Admin) -> Response:
    """List everybody who may sign in."""
    desk = people.desk_of(request)
    return answered(Users([people.user_shown(user) for user in desk.users.all()]))


@router.post("/users", operation_id="addUser", tags=["users"], **told(Done, ACTS))
async def add_user(request: Request, _who: Admin, body: UserBody) -> Response:
    """Let somebody sign in; the answer shows the first password this once."""
    return answered(await people.added(request, body))


@router.post(
    "/users/{username}/change", operation_id="changeUser", tags=["users"], **told(UserShown, ACTS)
)
async def change_user(
    request: Request, _who: Admin, username: Username, body: UserChangeBody
) -> Response:
    """Change what somebody may do."""
    return answered(people.changed(request, username, body))


@router.post(
    "/users/{username}/reset", operation_id="resetPassword", tags=["users"], **told(Done, ACTS)
)
async def reset_password(request: Request, _who: Admin, username: Username) -> Response:
    """Give somebody a new password, shown this once, and end their sessions."""
    return answered(await people.reset(request, username))


@router.post(
    "/users/{username}/revoke", operation_id="endSessions", tags=["users"], **told(Done, ACTS)
)
async def end_sessions(request: Request, _who: Admin, username: Username) -> Response:
    """End every session and token of somebody."""
    return answered(people.ended(request, username))
