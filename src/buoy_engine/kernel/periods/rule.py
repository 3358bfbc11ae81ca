"""What every kind of calendar can do: draft its periods, and say what is wrong with itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date
from typing import Literal

from buoy_engine.kernel.periods.period import Unlinked
from buoy_engine.kernel.problems import Problem

YearNamedBy = Literal["start", "end"]
"""Whether a fiscal year that touches two calendar years has the number of the first or of the second."""


class CalendarRuleInvalid(ValueError):
    """A calendar was described by settings that cannot describe one."""


class CalendarRule(ABC):
    """A calendar as a rule. Its kinds are frozen dataclasses; `build_periods` makes the table."""

    __slots__ = ()

    @abstractmethod
    def drafts(self, first: date, last: date) -> Iterator[Unlinked]:
        """The whole years that touch [first, last], both days included, and the year before, in every kind."""

    @abstractmethod
    def problems(self, first: date, last: date) -> list[Problem]:
        """What stops this calendar from covering [first, last], both days included."""
