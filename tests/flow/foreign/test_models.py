"""The vendor's typed models know every field that is told, and are told every field they know."""

import inspect
import typing
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from binance_sdk_spot.rest_api.rest_api import SpotRestAPI
from flow.foreign.cast import HANDS
from flow.foreign.checker import read_json
from flow.foreign.conftest import Stories
from flow.foreign.differences import (
    CONDITIONAL,
    EXTRA_FIELDS,
    FIELDS,
    MODEL_GAPS,
    MODELS_FORGOT,
)
from flow.foreign.hands_spot_sdk import SpotSdkHand
from pydantic import BaseModel

UNTOLD = {name for names in FIELDS.values() for name in names} | MODEL_GAPS
UNKNOWN = {name for names in EXTRA_FIELDS.values() for name in names}


OK = 200


class Sighting(NamedTuple):
    """A field of a model in one answer."""

    model: str
    field: str
    is_told: bool
    is_known: bool


def model_of(function: str) -> Any:
    """Return the model of a function's answer, None where its data stays plain JSON."""
    hints = typing.get_type_hints(getattr(SpotRestAPI, function))
    (model,) = typing.get_args(hints["return"])
    return model if inspect.isclass(model) and issubclass(model, BaseModel) else None


def sightings(value: Any) -> Iterator[Sighting]:
    """Yield every field of every model in an answer that a model has read."""
    if isinstance(value, list):
        for item in value:
            yield from sightings(item)
    if not isinstance(value, BaseModel):
        return
    if "actual_instance" in type(value).model_fields:
        yield from sightings(value.actual_instance)  # type: ignore[attr-defined] # a oneOf
        return
    kind = type(value).__name__
    for name, field in type(value).model_fields.items():
        if name == "additional_properties":
            continue
        told = getattr(value, name)
        yield Sighting(kind, field.alias or name, told is not None, is_known=True)
        yield from sightings(told)
    for name in getattr(value, "additional_properties", {}):
        yield Sighting(kind, name, is_told=True, is_known=False)


@pytest.fixture(scope="module")
def seen(stories: Stories) -> dict[str, set[Sighting]]:
    """What the models made of all answers, by row."""
    found: dict[str, set[Sighting]] = {label: set() for label in SpotSdkHand.functions}
    models = {label: model_of(name) for label, name in SpotSdkHand.functions.items()}
    for client in HANDS:
        for one in stories(client).exchanged:
            model = models.get(label := f"{one.method} {one.path}")
            if model is not None and one.status == OK:
                found[label].update(sightings(read(model, one.answer)))
    return found


@pytest.mark.parametrize("label", SpotSdkHand.functions)
def test_the_models_know_what_is_told(seen: dict[str, set[Sighting]], label: str) -> None:
    unknown = {one.field for one in seen[label] if not one.is_known}
    assert unknown <= UNKNOWN | CONDITIONAL | MODELS_FORGOT, "not told by the original"


@pytest.mark.parametrize("label", SpotSdkHand.functions)
def test_the_models_are_told_what_they_know(seen: dict[str, set[Sighting]], label: str) -> None:
    told = {(one.model, one.field) for one in seen[label] if one.is_told}
    untold = {one.field for one in seen[label] if (one.model, one.field) not in told}
    untold -= UNTOLD | CONDITIONAL
    assert not untold, "told by the original alone"


def test_every_conditional_field_is_told_somewhere(seen: dict[str, set[Sighting]]) -> None:
    told = {one.field for found in seen.values() for one in found if one.is_told}
    assert CONDITIONAL - told == set()


def read(model: Any, answer: str) -> Any:
    """Let a model read an answer as strictly as it can; rows of plain lists have no model."""
    content = read_json(answer)
    if isinstance(content, list) and content and isinstance(content[0], list):
        return None
    if not hasattr(model, "from_dict"):
        return model.model_validate(content)
    return model.from_dict(content)
