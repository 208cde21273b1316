"""Reads a request's body as JSON the way RFC 8259 and RFC 7493 ask, where the framework's own reader is lenient.

Refuses names that stand twice in one object (two readers would understand two requests), NaN and Infinity, encodings
other than UTF-8, and compressed bodies. Knows no schema.
"""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from api.errors import BodyNotJson, MediaTypeUnsupported

TWICE = "names a member of one object twice"
UNCOMPRESSED = ("", "identity")


class StrictRoute(APIRoute):
    """A route whose JSON body is read strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler, given a request that reads strictly."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


class _StrictRequest(Request):
    async def json(self) -> Any:
        if self.headers.get("content-encoding", "").strip().lower() not in UNCOMPRESSED:
            raise MediaTypeUnsupported
        return read_json(await self.body())


def read_json(body: bytes) -> Any:
    """The value a body holds.

    Raises:
        BodyNotJson: it is no JSON text in UTF-8, is nested too deeply, or names a member twice.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_members, parse_constant=_refuse_constant)
    except json.JSONDecodeError as exc:
        raise BodyNotJson(exc.pos) from exc
    except (ValueError, RecursionError) as exc:
        raise BodyNotJson from exc


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BodyNotJson(problem=TWICE)
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise BodyNotJson
