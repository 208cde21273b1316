import pickle
from pathlib import Path

from ingest.errors import SourceEncodingWrong


def test_an_error_crosses_to_another_process_with_its_sentence() -> None:
    error = SourceEncodingWrong(Path("a.csv"), offset=3, expected="utf-8")

    came = pickle.loads(pickle.dumps(error))

    assert type(came) is SourceEncodingWrong
    assert str(came) == str(error)
