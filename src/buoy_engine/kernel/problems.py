"""Problems: what is wrong in data or in a plan, as a value.

The problem
    A sales file has forty bad rows, a plan has three. Raising at the first one makes the reader fix forty files.
    So a check *returns* a list of `Problem`, and whoever asked counts them, shows them, exports them, and refuses to
    go on when one of them is blocking. An exception is for a caller's mistake (a float where money is due); a
    `Problem` is for the material.

A worked example
    A calendar of a customer has March until the 31st and then April from the 5th. The check returns

    >>> print(Problem(code="calendar-gap", severity=Severity.BLOCKING, where="calendar.csv", line=5,
    ...               found="no month covers 2025-04-01 to 2025-04-04 (4 days)",
    ...               expected="2025-04 to start on 2025-04-01",
    ...               fix="start 2025-04 on 2025-04-01"))
    calendar.csv:5 calendar-gap: found no month covers 2025-04-01 to 2025-04-04 (4 days); \
expected 2025-04 to start on 2025-04-01; do start 2025-04 on 2025-04-01

Rules
    1. A code is permanent. It is printed on statements and quoted in tickets, so it is never renamed and never used
       again for something else. `CODES` is the complete list; an unlisted code cannot be constructed.
    2. `found`, `expected` and `fix` say in plain English what was there, what should have been there, and what to do.
       The same facts stand in `params`, so that a translated sentence can be built from the code without parsing.
    3. Places count from 1, as editors do. `rows` names the data rows concerned by their own ids (sale ids, row ids).

What this module does not do
    It does not translate, does not log and does not decide what a blocking problem blocks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CODES: dict[str, str] = {
    "accumulate-too-short": "A running total is over less than one calculation",
    "amount-on-returns": "A fixed amount per row is paid on returns too",
    "band-edges": "A band has two edges on one side",
    "band-gap": "A measure is in no band",
    "band-open-end": "The last band is closed at the top",
    "band-order": "Bands do not go from low to high",
    "band-overlap": "A measure is in two bands",
    "band-start": "The first band does not start at 0",
    "band-unreachable": "A band can never be reached",
    "base-unused": "A base is written where nothing is paid on it",
    "block-size": "A block has no size",
    "calendar-duplicate-id": "Two periods of a calendar have the same id",
    "calendar-empty-row": "A period of a calendar ends before it begins",
    "calendar-gap": "A calendar leaves out days",
    "calendar-no-year": "A period of a calendar belongs to no year",
    "calendar-overlap": "Two periods of a calendar claim the same day",
    "circular": "A component or measure depends on itself",
    "cliff": "A retroactive scale jumps at an edge",
    "column-name": "A column has no usable name",
    "column-type": "A column has a type that cannot be read",
    "credit-shape": "A credit is not one of the known ways",
    "curve-order": "The points of a curve are not in order",
    "date-implausible": "A date is far from our time",
    "date-outside-plan": "Rows lie outside the plan's dates",
    "dates-reversed": "Dates end before they begin",
    "divides-by-zero": "A plan divides by a zero of its own",
    "double-pay": "Two components pay on the same rows",
    "duplicate-id": "Two components have the same id",
    "duplicate-key": "Two rows have the same key and say different things",
    "duration": "A duration is not a number of months",
    "every-too-short": "Something is calculated more often than statements are made",
    "example-failed": "An example of a plan gives another amount",
    "expression-error": "A text is not an expression",
    "expression-meaning": "An expression cannot mean anything where it stands",
    "fact-value": "A fact cannot be read",
    "facts-missing": "There are no facts",
    "file-encoding": "A text file is not in UTF-8",
    "file-ignored": "A file was not read",
    "file-shape": "A file does not have the shape of a table",
    "float-column": "A column holds binary floating-point numbers",
    "grain-mixed": "An expression mixes rows and periods",
    "hierarchy-cycle": "A partner stands above itself",
    "identical-rows": "Rows are there twice",
    "limit-order": "A floor is above its cap",
    "limit-unusable": "A limit cannot do what it says",
    "missing-column": "A column is missing",
    "missing-key": "A plan lacks a key",
    "missing-rate": "An exchange rate is missing",
    "missing-value": "A required value is empty",
    "outside-validity": "Dates lie outside the plan",
    "overlapping-dates": "Two rows of one key hold on the same day",
    "parameter-range": "A parameter is outside its bounds",
    "payout-falls": "Selling more pays less",
    "payout-sum": "The parts of a payout are not 100 %",
    "plan-shape": "A plan has the wrong shape",
    "rate-function": "A component has not exactly one rate function",
    "return-without-sale": "A return names a row that is not there",
    "settings-contradict": "A component answers one question twice",
    "shadowed-name": "A name hides a word of the language",
    "share-range": "A share is not between 0 and 100 %",
    "split-sum": "The splits of a sale are not the whole of it",
    "table-reserved": "A table has the name of one that every run makes",
    "table-twice": "A table is there twice",
    "target-not-positive": "A target is zero or negative",
    "tier-reading": "A scale does not say how it is read",
    "uncapped": "A reward has no highest amount",
    "undefined-measure": "A measure has no value",
    "unknown-choice": "A key has a value that is not one of its choices",
    "unknown-column": "A column does not exist",
    "unknown-component": "A component does not exist",
    "unknown-currency": "A currency code is not in ISO 4217",
    "unknown-customer": "A customer is not in the table of customers",
    "unknown-deal": "A deal is not in the table of deals",
    "unknown-key": "A key is not part of the plan language",
    "unknown-list": "A list does not exist",
    "unknown-partner": "A partner is not in the table of partners",
    "unknown-product": "A product is not in the table of products",
    "unknown-sale": "A split names a sale that is not there",
    "unknown-table": "A table does not exist",
    "unknown-time-zone": "A time zone does not exist",
    "unknown-word": "A word has no meaning",
    "unused": "Something in a plan is never used",
    "value-shape": "A value has the wrong shape",
    "version-order": "The dated tables of a scale are not in order",
    "yaml-broken": "A file is not YAML",
}
"""Every code there is, with its title. Codes are added, never renamed, never reused."""


class Severity(StrEnum):
    """How much a problem matters to the one who must act."""

    BLOCKING = "blocking"
    WARNING = "warning"
    NOTE = "note"


class UnknownProblemCode(ValueError):
    """A `Problem` was constructed with a code that `CODES` does not list: a programming error."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(
            f"Problem code {code!r} is not listed in buoy_engine.kernel.problems.CODES; add it there with a title."
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong in a plan or in data. Values compare by content and can be put in a set."""

    code: str
    severity: Severity
    where: str
    found: str
    expected: str
    fix: str
    line: int | None = None
    column: int | None = None
    rows: tuple[str, ...] = ()
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise UnknownProblemCode(self.code)
        object.__setattr__(self, "params", dict(self.params))

    @property
    def title(self) -> str:
        """The one-line title of the code."""
        return CODES[self.code]

    @property
    def row(self) -> str | None:
        """The first data row concerned, for a problem that concerns one."""
        return self.rows[0] if self.rows else None

    @property
    def is_blocking(self) -> bool:
        """Whether this problem stops an approval."""
        return self.severity is Severity.BLOCKING

    @property
    def place(self) -> str:
        """Where to look, in the form that editors make clickable: `plan.yaml:12:7`."""
        parts = [self.where]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)

    def __str__(self) -> str:
        said = (("found", self.found), ("expected", self.expected), ("do", self.fix))
        sentence = "; ".join(f"{word} {text}" for word, text in said if text)
        return " ".join(f"{self.place} {self.code}: {sentence}".split())
