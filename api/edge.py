"""The outermost layer of the service: numbers each request, limits its body in size and time, catches defects, logs.

The log holds the route's template, never the path, a body, or the message of an unexpected exception: any of these
may carry personal data. Knows nothing of what the routes do.
"""

import asyncio
import logging
import time
import traceback
import uuid
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BodyTooLarge, BodyTooSlow, InternalFault
from api.problems import problem_response

REQUEST_ID = "X-Request-Id"
log = logging.getLogger("creditgraph.api")


class Edge:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, maximum_body_bytes: int, maximum_body_seconds: float) -> None:
        self._app = app
        self._limits = _Limits(maximum_body_bytes, maximum_body_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; other kinds of connection pass unchanged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(self._app, self._limits, scope, receive, send).run()


class _Limits(NamedTuple):
    size_bytes: int
    seconds: float


class _Exchange:
    """One request and its response."""

    def __init__(self, app: ASGIApp, limits: _Limits, scope: Scope, receive: Receive, send: Send) -> None:
        self._app, self._limits, self._scope, self._receive, self._send = app, limits, scope, receive, send
        self._deadline = asyncio.get_running_loop().time() + limits.seconds
        self._read, self._whole = 0, False
        self._status = 0
        self.request_id = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = self.request_id

    async def run(self) -> None:
        started = time.perf_counter()
        try:
            self._check_declared_length()
            await self._app(self._scope, self._counted, self._numbered)
        except (BodyTooLarge, BodyTooSlow) as exc:
            await self._refuse(exc)
        except Exception as exc:  # the process edge: a defect becomes one answer and one log entry
            log.error("request=%s defect=%s at %s", self.request_id, type(exc).__name__, _place(exc))
            await self._refuse(InternalFault())
        self._write_log(time.perf_counter() - started)

    def _check_declared_length(self) -> None:
        for name, value in self._scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value[:20]) > self._limits.size_bytes:
                raise BodyTooLarge(self._limits.size_bytes)

    async def _counted(self) -> Message:
        if self._whole:
            return await self._receive()  # waits for the client to leave, as long as that takes
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as exc:
            raise BodyTooSlow(self._limits.seconds) from exc
        self._whole = not message.get("more_body", False)
        self._read += len(message.get("body", b""))
        if self._read > self._limits.size_bytes:
            raise BodyTooLarge(self._limits.size_bytes)
        return message

    async def _numbered(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message = {**message, "headers": [*message["headers"], (REQUEST_ID.lower().encode(), self.request_id.encode())]}
        await self._send(message)

    async def _refuse(self, error: BodyTooLarge | BodyTooSlow | InternalFault) -> None:
        """Answer with the problem, unless an answer is already on its way."""
        self._scope["state"]["problem"] = error.code
        if not self._status:
            response = problem_response(error, f"urn:uuid:{self.request_id}", {"Connection": "close"})
            await response(self._scope, self._receive, self._numbered)

    def _write_log(self, seconds: float) -> None:
        route = getattr(self._scope.get("route"), "path", "-")
        problem = self._scope["state"].get("problem", "-")
        log.info(
            "request=%s method=%s route=%s status=%d problem=%s ms=%.1f",
            self.request_id,
            self._scope["method"] if route != "-" else "-",
            route,
            self._status,
            problem,
            seconds * 1000,
        )


def _place(error: BaseException) -> str:
    """Where an exception was raised, without its message."""
    return " < ".join(f"{f.filename}:{f.lineno} {f.name}" for f in reversed(traceback.extract_tb(error.__traceback__)[-6:]))
