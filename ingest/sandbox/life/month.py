"""Writes one month of everyday life to the event log; called by the economy once the month's circumstances are in it."""

from ingest.sandbox.draws import Draws
from ingest.sandbox.events import Event, EventLog
from ingest.sandbox.knobs import Scale
from ingest.sandbox.life.calls import build_calls
from ingest.sandbox.life.logins import build_logins
from ingest.sandbox.life.places import build_trips, build_visits, recorded
from ingest.sandbox.society import Society

DRIFT_ONLINE = 0.06  # a year at drift 1: log-ins grow by this share, going out falls by it


def write_life(society: Society, log: EventLog, month: int, draws: Draws, scale: Scale) -> None:
    """Write the calls, visits, trips and log-ins of a month.

    Args:
        society: Who and what there is.
        log: Holds the month's circumstances, jobs and applications already; receives the four kinds.
        month: Month of the economy.
        draws: The economy's luck.
        scale: Its drift moves going out to going online over the years.
    """
    circumstance = log.read(Event.CIRCUMSTANCE, month)
    if len(circumstance) != len(society.people):
        raise ValueError(f"month {month} has {len(circumstance)} circumstances for {len(society.people)} persons")
    shift = scale.knobs.drift * DRIFT_ONLINE * month / 12
    who = recorded(society, circumstance, log.read(Event.JOB, month), month)
    log.write(Event.CALL, month, build_calls(society, circumstance["worry"].to_numpy(), month, draws))
    log.write(Event.VISIT, month, build_visits(society, who, month, draws, 1 - min(shift, 0.9)))
    log.write(Event.TRIP, month, build_trips(society, who, month, draws, 1 - min(shift, 0.9)))
    log.write(Event.LOGIN, month, build_logins(society, log.read(Event.APPLICATION, month), month, draws, 1 + shift))
