import re

from fastapi.testclient import TestClient


def test_the_documentation_page_needs_no_other_host(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert loaded
    assert not [link for link in loaded if "//" in link]
    assert all(client.get(link).status_code == 200 for link in loaded)
