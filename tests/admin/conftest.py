import pytest

from tests.admin.browser import Browser
from tests.cast import Cast


@pytest.fixture
def root(cast: Cast) -> Browser:
    return Browser(cast.root)
