"""Answers every error as problem+json (RFC 9457), with a type of its own and the request's number as instance.

Field names that clients made up are escaped and cut; values they sent are never repeated.
"""

import json
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.errors import (
    PROBLEMS,
    ApiError,
    BodyNotJson,
    BodyTooLarge,
    BodyTooSlow,
    FieldProblem,
    InternalFault,
    MediaTypeUnsupported,
    MethodNotAllowed,
    RequestMalformed,
    RouteUnknown,
    problem_kind,
    problem_type,
)
from graph.errors import CreditGraphError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
LONGEST_FIELD = 120  # characters
_NOT_AN_OBJECT = frozenset({"model_attributes_type", "model_type"})


class FieldFault(BaseModel):
    """One field at fault."""

    field: str = Field(examples=["body.application.currency"])
    problem: str


class Problem(BaseModel):
    """An error as RFC 9457 has it, with a stable `code`; `errors` only for malformed requests."""

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="Number of this request, as in the log and in X-Request-Id.")
    code: str
    errors: list[FieldFault] = Field(description="The fields at fault; empty unless the request was malformed.")


def build_problem(error: CreditGraphError, instance: str) -> Problem:
    """The problem that tells a client of this error."""
    kind = problem_kind(error)
    told = error if type(error) in PROBLEMS else InternalFault()
    problems = told.problems if isinstance(told, RequestMalformed) else ()
    return Problem(
        type=problem_type(told.code),
        title=kind.title,
        status=kind.status,
        detail=str(told),
        instance=instance,
        code=told.code,
        errors=[FieldFault(field=p.field, problem=p.problem) for p in problems],
    )


def problem_response(error: CreditGraphError, instance: str, headers: dict[str, str] | None = None) -> Response:
    """The problem as a response; 503 says when to try again."""
    problem = build_problem(error, instance)
    more = {"Retry-After": str(RETRY_AFTER_SECONDS)} if problem.status == 503 else {}
    if isinstance(error, BodyTooLarge | BodyTooSlow):
        more["Connection"] = "close"  # what is left of the body would be read as the next request
    text = json.dumps(problem.model_dump(), ensure_ascii=True)
    return Response(text, status_code=problem.status, media_type=MEDIA_TYPE, headers=more | (headers or {}))


def add_handlers(app: FastAPI) -> None:
    """Give the application a handler for each family of error; defects are caught at the edge."""
    app.add_exception_handler(CreditGraphError, _answer)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_framework)


def instance_of(request: Request) -> str:
    """URN of this request."""
    return f"urn:uuid:{request.state.request_id}"


async def _answer(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, CreditGraphError)
    request.state.problem = exc.code
    return problem_response(exc, instance_of(request))


async def _answer_validation(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return await _answer(request, _validation_error(exc.errors(), request.headers.get("content-type")))


async def _answer_framework(request: Request, exc: Exception) -> Response:
    """What the framework itself refuses: no route, wrong method, a body that cannot be read."""
    assert isinstance(exc, HTTPException)
    if isinstance(exc.__cause__, CreditGraphError):  # the body was refused while the framework read it
        return await _answer(request, exc.__cause__)
    headers = dict(exc.headers or {})
    known: dict[int, ApiError] = {
        400: BodyNotJson(),
        404: RouteUnknown(),
        405: MethodNotAllowed(headers.get("allow", headers.get("Allow", ""))),
    }
    error = known.get(exc.status_code, InternalFault())
    request.state.problem = error.code
    return problem_response(error, instance_of(request), headers)


def _validation_error(found: Iterable[Any], media_type: str | None) -> ApiError:
    problems = []
    for fault in found:
        place, kind = fault["loc"], fault["type"]
        if kind in _NOT_AN_OBJECT and tuple(place) == ("body",) and not _is_json(media_type):
            return MediaTypeUnsupported()
        problems.append(FieldProblem(_field_name(place), str(fault["msg"]).removeprefix("Value error, ")))
    return RequestMalformed(tuple(problems))


def _is_json(media_type: str | None) -> bool:
    kind = (media_type or "").split(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _field_name(place: Iterable[Any]) -> str:
    """`body.facts[2].at`; names are escaped to ASCII, since a client may have made them up."""
    name = ""
    for part in place:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return ascii(name)[1:-1][:LONGEST_FIELD]
