"""`creditgraph serve`: runs the scoring service until it is stopped."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import err
from api.cli.options import PepperOption

SHUTDOWN_SECONDS = 30  # for requests that are being answered when the service is told to stop
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def serve(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on (default 8000).")] = None,
    bundle: Annotated[Path | None, typer.Option("--bundle", help="Folder of the model bundle.")] = None,
    models: Annotated[
        Path | None, typer.Option("--models", help="Folder of registered models; what is live there is served, signed.")
    ] = None,
    trusted_keys: Annotated[
        Path | None, typer.Option("--trusted-keys", help="File of public keys whose signatures count, with --models.")
    ] = None,
    snapshots: Annotated[Path | None, typer.Option("--snapshots", help="Folder in which snapshots are published.")] = None,
    pepper: PepperOption = None,
    allow_research: Annotated[
        bool | None, typer.Option("--allow-research", help="Serve data of basis research; not for real applicants.")
    ] = None,
) -> None:
    """Serve scores over HTTP; every option can also be set as CREDITGRAPH_API_HOST, CREDITGRAPH_API_PORT and so on."""
    import logging

    from api.settings import read_settings

    settings = read_settings(
        host=host,
        port=port,
        bundle=bundle,
        models=models,
        trusted_keys=trusted_keys,
        snapshot_root=snapshots,
        pepper=pepper or None,
        allow_research=allow_research,
    )
    import uvicorn

    from api.app import create_app

    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    err.print(f"serving http://{settings.host}:{settings.port}/docs (stop with Ctrl+C)", soft_wrap=True)
    # No access log and no web sockets, whose log cannot be switched off: paths may hold identifiers that a client put
    # there by mistake; the service writes its own line.
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
        ws="none",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
