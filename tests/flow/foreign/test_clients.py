"""Existing clients feel at home: every scene of every client ends as its user would expect."""

import pytest
from flow.foreign.cast import HANDS, scenes_of
from flow.foreign.conftest import Stories
from flow.foreign.story import PLAYED

SCENES = [(client, scene.name) for client in HANDS for scene in scenes_of(client)]


@pytest.mark.parametrize(("client", "scene"), SCENES)
def test_the_client_is_at_home(stories: Stories, client: str, scene: str) -> None:
    (end,) = (one for one in stories(client).ends if one.scene == scene)
    assert end.how == PLAYED, f"{end.how}: {end.why}"
