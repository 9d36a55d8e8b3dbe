"""What all tests share: `golden` compares text with a file; `pytest --accept` writes the file instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what is computed into tests/golden; look at git diff")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(path, text)`: the text is that of tests/golden/<path>."""

    def check(path: str, text: str) -> None:
        file = GOLDEN / path
        if request.config.getoption("--accept"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.exists(), f"{file} is missing: pytest --accept writes it"
        assert text == file.read_text(encoding="utf-8")

    return check
