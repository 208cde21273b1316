"""Log-ins come from the devices people have; a lender is visited before it is applied to."""

import polars as pl
import pytest

from ingest.sandbox.events import Event
from ingest.sandbox.files.delivery import Delivery
from ingest.sandbox.life.logins import APPLY_ONLINE, BEFORE_APPLYING_S, LENDER
from tests.support.small_logs import make_delivery


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    return make_delivery(tmp_path_factory.mktemp("log"), months=6)


def logins(delivery: Delivery) -> pl.DataFrame:
    return pl.concat(delivery.log.read(Event.LOGIN, m).with_columns(month=pl.lit(m)) for m in range(delivery.months))


def test_people_log_in_from_their_own_devices(delivery: Delivery) -> None:
    devices = delivery.society.devices
    used = set(zip(devices.person.tolist(), devices.device.tolist(), strict=True))
    made = logins(delivery)

    assert made.height > 200
    assert set(made.select("person", "device").iter_rows()) <= used


def test_a_ring_logs_in_from_a_shared_device(delivery: Delivery) -> None:
    shared = len(delivery.society.people) - 5
    many = logins(delivery).filter(pl.col("device") == shared)["person"].n_unique()

    assert many >= 1
    assert (delivery.society.devices.device == shared).sum() == 5


def test_applications_made_online_follow_a_login_at_a_lender(delivery: Delivery) -> None:
    persons = len(delivery.society.people)
    at_lender = logins(delivery).filter(pl.col("channel") == LENDER)
    applied = [delivery.log.read(Event.APPLICATION, m).with_columns(month=pl.lit(m)) for m in range(delivery.months)]
    by_persons = pl.concat(applied).filter(pl.col("applicant") < persons)
    joined = at_lender.join(by_persons, left_on=["person", "month"], right_on=["applicant", "month"], suffix="_applied")
    gap = joined["second_applied"] - joined["second"]

    assert abs(at_lender.height / by_persons.height - APPLY_ONLINE) < 0.08
    assert gap.is_between(*BEFORE_APPLYING_S).sum() == at_lender.height
