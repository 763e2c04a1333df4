"""Everything that goes wrong, in one shape, with one sentence for a person."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response

from fillpath.api.writing import written
from fillpath.core.errors import ConfigError, FillpathError, ModelError, Unavailable

NAMES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    421: "misdirected",
    429: "too_many_requests",
}
"""The code of what the framework itself refuses."""


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong.

    Args:
        code: machine-readable word for it.
        message: one sentence for a person.
        field: the field of the request that it is about; None where it is about none.
        request_id: names the request, for whoever looks into the log.
    """

    code: str
    message: str
    field: str | None = None
    request_id: str = ""


class ErrorAnswer(Struct, frozen=True):
    """The answer to what cannot be done.

    Args:
        error: what is wrong.
    """

    error: Fault


class Problem(Exception):
    """A request that gets an error for an answer.

    Args:
        status: of the answer.
        code: machine-readable word for it.
        message: one sentence for a person.
        field: the field that it is about.
        headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = dict(headers or {})
        super().__init__(message)


def answer(problem: Problem, request_id: str) -> Response:
    """Return the answer to a problem."""
    fault = Fault(
        code=problem.code, message=problem.message, field=problem.field, request_id=request_id
    )
    return Response(
        written(ErrorAnswer(fault)),
        problem.status,
        {"cache-control": "no-store", **problem.headers},
        media_type="application/json",
    )


def request_id_of(request: Request) -> str:
    """Return the name of a request; empty before it has one."""
    return str(getattr(request.state, "request_id", ""))


def put_handlers(app: FastAPI) -> None:
    """Answer everything that goes wrong in the one shape."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(FillpathError, _failed)
    app.add_exception_handler(Exception, _unexpected)


def problem_of(error: FillpathError) -> Problem:
    """Return what an error of ours means to whoever asked."""
    if isinstance(error, Unavailable):
        return Problem(503, "unavailable", str(error), headers={"retry-after": "1"})
    if isinstance(error, ModelError):
        return Problem(422, "invalid", str(error))
    if isinstance(error, ConfigError):
        return Problem(409, "refused", str(error))
    return Problem(503, "unavailable", "the request could not be served; the log says why")


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem), "registered for it"
    return answer(error, request_id_of(request))


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, FillpathError), "registered for it"
    return answer(problem_of(error), request_id_of(request))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for it"
    code = NAMES.get(error.status_code, "refused")
    problem = Problem(error.status_code, code, str(error.detail), headers=error.headers)
    return answer(problem, request_id_of(request))


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for it"
    first: Mapping[str, Any] = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    what = str(first["msg"])
    message = f"{field or 'the request'}: {what[:1].lower()}{what[1:]}"
    return answer(Problem(422, "invalid", message, field=field), request_id_of(request))


def _unexpected(request: Request, _error: Exception) -> Response:
    text = "something unexpected happened; the log says what"
    return answer(Problem(500, "internal", text), request_id_of(request))


__all__ = ["ErrorAnswer", "Fault", "Problem", "answer", "problem_of", "put_handlers"]
