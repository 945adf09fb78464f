"""A link that leads nowhere is a promise broken: every relative one of the pages is followed."""

import re
from collections.abc import Iterator
from pathlib import Path

from house import ROOT, complain, read, texts, told

PAGES = [path for path in texts() if path.suffix == ".md"]

_CODE = re.compile(r"^```.*?^```", flags=re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_ELSEWHERE = re.compile(r"[a-z]+:")
_HEADING = re.compile(r"^#+ (.+?)\s*$", flags=re.MULTILINE)
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


def test_links_lead_to_files() -> None:
    complain(
        "A relative link leads to a file of the project, and after # to one of its headings.",
        [
            f"{told(page)}: {link}"
            for page in PAGES
            for link in _links(page)
            if not _leads_somewhere(page, link)
        ],
    )


def _links(page: Path) -> Iterator[str]:
    for link in _LINK.findall(_CODE.sub("", read(page))):
        if not _ELSEWHERE.match(link):
            yield link


def _leads_somewhere(page: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """Name the headings of a page as the hosts of repositories do."""
    headings = _HEADING.findall(_CODE.sub("", read(page)))
    return {_NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-") for heading in headings}
