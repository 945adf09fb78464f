"""What every test may rely on, and what CI insists on.

On a laptop, what is missing is a skip that names it. With FLOWEX_CI set, a skip is a failure,
unless its reason begins with one of the words below: recordings are not part of the project,
and some machines forbid what a few fault tests need.
"""

import os
from collections.abc import Generator

import pytest

SKIPS_ALLOWED_IN_CI = ("Skipped: no recording", "Skipped: not allowed here")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where FLOWEX_CI is set."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("FLOWEX_CI"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not reason.startswith(SKIPS_ALLOWED_IN_CI):
            report.outcome = "failed"
            report.longrepr = f"CI runs every test, and this one was skipped: {reason}"
    return report
