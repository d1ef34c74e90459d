"""How many examples hypothesis makes up: few by themselves, many where the slow tests run, too."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_with_slow_tests = False


def make_many() -> None:
    """Have tests that are collected from now on try many examples."""
    global _with_slow_tests
    _with_slow_tests = True


def examples(few: int, many: int) -> settings:
    """Return the settings of a test, for a decorator; no example is too slow."""
    number = many if _with_slow_tests else few
    return settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck))
