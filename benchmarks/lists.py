"""Try the import and the checks on real agencies, spoiled by seeded rules: python -m benchmarks.lists [LIST.csv …].

Without an argument everything comes from the project: the sample list, and agencies.txt.gz, 1,637 agencies of the
nation with their true ZIP codes (US Department of Homeland Security, HIFLD, 2023; public domain). LIST.csv is a
national list, as for benchmarks.national, which is imported and checked in a process of its own; --join joins lists
of 287(g) agreements to it.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.model.problems import Place
from letters.model.records import Recipient
from letters.read.recipients import read_recipients
from letters.recipients import history
from letters.recipients.addresses import split_one_line
from letters.recipients.agencies import cased
from letters.recipients.agreements import join_agreements
from letters.recipients.history import COLUMNS, Decisions
from letters.recipients.importing import ImportPlan, answered, plan_import
from letters.recipients.matching import check_list, near_doubles
from letters.recipients.names import split_name

ROOT = Path(__file__).parent.parent
OFFICES = ("sheriff", "police_chief", "public_safety_director", "commissioner")
Row = dict[str, str]
# The same rows are spoiled in every run, so that a figure that moves is one of the program.
SEED = 287


class Trial(NamedTuple):
    """What was tried, how often it came out right, and examples of what did not."""

    name: str
    tried: int
    right: int
    wrong: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Return the share that came out right."""
        return self.right / max(1, self.tried)


def trial(name: str, outcomes: Sequence[tuple[bool, str]]) -> Trial:
    """Return a trial of outcomes, each with words for it."""
    wrong = tuple(words for right, words in outcomes if not right)
    return Trial(name, len(outcomes), len(outcomes) - len(wrong), wrong[:10])


def agencies() -> list[Row]:
    """Return the agencies with true ZIP codes."""
    lines = gzip.decompress(Path(__file__).with_name("agencies.txt.gz").read_bytes()).decode().splitlines()
    return [
        dict(zip(("agency", "street", "city", "state", "zip", "county"), line.split("|"), strict=True))
        for line in lines
    ]


def sample_rows() -> list[Row]:
    """Return the rows of the sample list that have a ZIP code."""
    return [row for row in _all_rows() if row["zip"] and not row["hold"]]


ONE_LINE = {
    "with commas": "{street}, {city}, {state} {zip}",
    "without commas": "{street} {city} {state} {zip}",
    "with a line break": "{street}\n{city}, {state} {zip}",
    "with the name of the state": "{street}, {city}, {name} {zip}",
    "behind the agency": "{agency}, {street}, {city}, {state} {zip}",
}


def one_line_addresses() -> Iterator[Trial]:
    """Yield a trial for each form in which a whole address stands on one line."""
    from letters.read.zips import STATE_NAMES

    for name, form in ONE_LINE.items():
        outcomes = []
        for each in agencies():
            text = form.format(
                **{key: cased(value) if key != "state" else value for key, value in each.items()},
                name=STATE_NAMES[each["state"]],
            )
            found = split_one_line(text)
            street = ", ".join(filter(None, (found.street, found.unit))) if found else ""
            same = found is not None and (
                _letters(street) == _letters(each["street"])
                and (found.last.city.casefold(), found.last.state, found.last.zip)
                == (each["city"].casefold(), each["state"], each["zip"])
                and (form[1] == "s" or _letters(found.before) == _letters(each["agency"]))
            )
            outcomes.append((same, f"{text!r} became {found}"))
        yield trial(f"a whole address {name}", outcomes)


def _letters(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


WAYS = (
    *("{name}", "Sheriff {name}", "{last}, {first}", "Hon. {name}", "The Honorable {name}", "Acting Sheriff {name}"),
    *("Interim Sheriff {name}", "{name}, Sheriff", "{name} (Acting)", "Sheriff {last}, {first}", "Capt. {name}"),
    *("  {name}  ", "{name} Sheriff"),
)
HARD = {
    "Gabriel García Márquez": ("Gabriel", "García Márquez"),
    "Maj Singh": ("Maj", "Singh"),
    "Judge Reinhold": ("Judge", "Reinhold"),
    "José St. John": ("José", "St. John"),
    "de la Cruz, Louis": ("Louis", "de la Cruz"),
    "Ludwig van der Berg": ("Ludwig", "van der Berg"),
    "Mary Jo Mac Donald": ("Mary Jo", "Mac Donald"),
    "O'BRIEN, PATRICK": ("Patrick", "O'Brien"),
    "jane mcdonald": ("Jane", "McDonald"),
    "Rodney Chief": ("Rodney", "Chief"),
    "J. Q. Public III": ("J. Q.", "Public"),
    "Dr. Jane Roe, Ph.D.": ("Jane", "Roe"),
    "Lt. Col. John Smith (Ret.)": ("John", "Smith"),
    "KIM NG": ("Kim", "Ng"),
    'Jane "Janie" Roe': ("Jane", "Roe"),
    "Anne-Marie Roe-Doe, Jr.": ("Anne-Marie", "Roe-Doe"),
}


def names() -> Iterator[Trial]:
    """Yield the trials of the names of sheriffs in thirteen spellings, and of hard ones."""
    outcomes = []
    for row in (row for row in _all_rows() if row["office"] == "sheriff"):
        parts = (row["first_name"], row["last_name"], row["suffix"])
        behind = " ".join(filter(None, parts[1:]))
        for way in WAYS:
            written = way.format(name=" ".join(filter(None, parts)), last=behind, first=row["first_name"])
            found = split_name(written)
            same = (found.first_name, found.last_name, found.suffix) == parts and not found.doubt
            outcomes.append((same, f"{written!r} became {found}"))
    yield trial("83 sheriffs in 13 spellings", outcomes)
    found_hard = {written: split_name(written) for written in HARD}
    yield trial(
        "hard names, right or asked",
        [
            (bool(found.doubt) or (found.first_name, found.last_name) == HARD[written], f"{written!r} became {found}")
            for written, found in found_hard.items()
        ],
    )


def _all_rows() -> list[Row]:
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _swapped(name: str, chance: random.Random) -> str:
    """Return a name with two letters of its longest word exchanged."""
    word = max(name.split(), key=len)
    at = chance.randrange(1, len(word) - 2)
    return name.replace(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :])


DOUBLES: Mapping[str, Callable[[str, random.Random], str]] = {
    "PD": lambda name, _: name.replace("Police Department", "PD"),
    "Dept.": lambda name, _: name.replace("Department", "Dept."),
    "City of": lambda name, _: f"City of {name}",
    "capitals": lambda name, _: name.upper(),
    "a typing mistake": _swapped,
    "words turned round": lambda name, _: f"Police Department, {name.replace(' Police Department', '')}",
    "of the city": lambda name, _: f"Police Department of {name.replace(' Police Department', '')}",
}


def doubles() -> Iterator[Trial]:
    """Yield a trial for each way in which an agency is written twice, and one of agencies that are there once."""
    chance = random.Random(SEED)  # noqa: S311 - the same on every run
    # A township or a village beside the city of its name is another office, so that "City of" would change the meaning.
    rows = [
        row
        for row in sample_rows()
        if row["agency"].endswith(" Police Department") and not {"Township", "Village"} & set(row["agency"].split())
    ]
    for name, spelt in DOUBLES.items():
        outcomes = []
        for number, row in enumerate(chance.sample(rows, 100)):
            twin = row | {"id": "twin", "agency": spelt(row["agency"], chance)}
            pair = [Recipient(cells["id"], cells, Place("list", n)) for n, cells in enumerate((row, twin), 2)]
            outcomes.append((len(near_doubles(pair)) == 1, f"{number}: {row['agency']} and {twin['agency']}"))
        yield trial(f"doubles found: {name}", outcomes)
    once = [
        Recipient(str(number), each | {"address1": each["street"], "office": "", "hold": ""}, Place("list", number))
        for number, each in enumerate(agencies(), 2)
    ]
    told = {pair.other.place.line: pair.one["agency"] for pair in near_doubles(once)}
    yield trial(
        "agencies of the nation taken for nobody's double",
        [
            (each.place.line not in told, f"{each['agency']} and {told.get(each.place.line)}, {each['city']}")
            for each in once
        ],
    )


def _set(column: str, change: Callable[[str], str]) -> Callable[[Row], Row]:
    return lambda row: row | {column: change(row[column])}


SPOILED: Mapping[str, Callable[[Row], Row]] = {
    "the letter O in a ZIP code": _set("zip", lambda value: value[:2] + "O" + value[3:]),
    "a ZIP code of four digits": _set("zip", lambda value: value[:4]),
    "a ZIP code of another state": _set("zip", lambda _: "60601"),
    "two digits of a ZIP code exchanged": _set("zip", lambda value: value[:2] + value[3] + value[2] + value[4:]),
    "another state": _set("state", lambda _: "OH"),
    "the state in the city": _set("city", lambda value: f"{value}, MI"),
    "a typing mistake in the city": _set("city", lambda value: value[:-1]),
    "no city": _set("city", lambda _: ""),
    "an agency that shows nothing": _set("agency", lambda _: "\u200b\u2060"),
    "N/A for an agency": _set("agency", lambda _: "N/A"),
    "a word for nothing in the street": _set("address1", lambda _: "to be determined"),
    "wrong letters": _set("agency", lambda value: value + " â€“ Headquarters"),
    "an agency in capitals": _set("agency", str.upper),
    "an agency in small letters": _set("agency", str.lower),
    "two people": lambda row: row | {"first_name": "Jane and Pat", "last_name": "Roe"},
    "a title in the name": lambda row: row | {"first_name": "Chief Jane", "last_name": "Roe"},
    "a suffix in the last name": lambda row: row | {"first_name": "Jane", "last_name": "Roe Jr."},
    "a remark in the name": lambda row: row | {"first_name": "Jane", "last_name": "Roe (interim)"},
    "half a name": lambda row: row | {"first_name": "Jane", "last_name": ""},
    "a PO box with a street": _set("address1", lambda value: f"PO Box 12, 1 {value}"),
    "the street twice": lambda row: row | {"address2": row["address1"]},
    "an e-mail address for a street": _set("address1", lambda _: "office@example.org"),
    "a telephone number for an agency": _set("agency", lambda _: "517-555-0100"),
    "an unknown office": _set("office", lambda _: "mayor"),
    "cells that are shifted": lambda row: row | {"city": row["state"], "state": row["zip"], "zip": ""},
    "a date in words": lambda row: row | {"agreement_287g": "task_force", "agreement_signed": "last spring"},
}
"""What somebody may do to a row; each is one that a person would see."""


def spoiled_rows(folder: Path) -> Iterator[Trial]:
    """Yield a trial for each way to spoil a row, and one of rows that are as they were."""
    chance = random.Random(SEED)  # noqa: S311 - the same on every run
    rows = sample_rows()
    for name, spoil in SPOILED.items():
        chosen = chance.sample(rows, 100)
        told = _lines_told(folder, [spoil(row) for row in chosen])
        # A street without a number has nothing that could be exchanged, and equal digits stay equal.
        outcomes = [
            (line in told, f"{row['agency']}: {spoil(row)}") for line, row in enumerate(chosen, 2) if spoil(row) != row
        ]
        yield trial(f"found: {name}", outcomes)
    told = _lines_told(folder, rows)
    yield trial(
        "rows as they were that are left alone", [(line not in told, row["id"]) for line, row in enumerate(rows, 2)]
    )


def _lines_told(folder: Path, rows: Sequence[Row]) -> set[int]:
    path = folder / "list.csv"
    path.write_bytes(history.list_bytes(rows))
    return {problem.place.line for problem in read_recipients(path, path.name, OFFICES)[2] if problem.place.line > 1}


def hold_survives(folder: Path, imports: int = 1000) -> Trial:
    """Import spoiled and shuffled files again and again; every reason in the column hold must stay."""
    chance = random.Random(SEED)  # noqa: S311 - the same on every run
    rows = {row["id"]: {**row, "hold": f"reason of {row['id']}"} for row in chance.sample(sample_rows(), 8)}
    ours = history.list_bytes(rows.values())
    last = {key: {**row, "hold": ""} for key, row in rows.items()}
    # A list from elsewhere knows neither our ids nor what we hold back.
    headings = [name for name in COLUMNS if name not in ("id", "jurisdiction", "hold")]
    outcomes = []
    for number in range(imports):
        table = [
            [
                chance.choice((row[name], row[name], row[name], "", "N/A", row[name].upper(), row[name] + " x"))
                for name in headings
            ]
            for row in rows.values()
        ]
        chance.shuffle(table)
        more = chance.choice(([], ["Hold"]))
        path = folder / "again.csv"
        lines = [[*headings, *more], *([*cells, *["no"] * len(more)] for cells in table[: chance.randint(3, 8)])]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
        after = history.parse_list(all_accepted(path, ours, last).content)[1]
        outcomes.append((all(after[key]["hold"] == row["hold"] for key, row in rows.items()), f"import {number}"))
    return trial("holds that survive a random import", outcomes)


def all_accepted(path: Path, listed: bytes | None = None, last: history.Rows | None = None) -> ImportPlan:
    """Return the plan of an import with every proposal accepted."""

    def planned(known: Decisions) -> ImportPlan:
        return plan_import(path, listed, [last] if last else (), OFFICES, known)

    return answered(planned(Decisions()), lambda question: question.proposal, planned)


def trials(folder: Path, imports: int = 1000) -> list[Trial]:
    """Return every trial on what the project ships."""
    return [
        *one_line_addresses(),
        *names(),
        *doubles(),
        *spoiled_rows(folder),
        hold_survives(folder, imports),
    ]


def import_and_check(path: Path, folder: Path) -> None:
    """Import a list into an empty folder and check it; print seconds of the processor, memory and rows."""
    plan = all_accepted(path)
    listed = folder / "recipients.csv"
    listed.write_bytes(plan.content)
    planned = time.process_time()
    recipients, problems = check_list(listed, listed.name, OFFICES)
    # Kilobytes on Linux.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = len({problem.place.line for problem in problems if problem.place.line and "kept back" not in problem.what})
    spent = f"imported in {planned:.1f} s, checked in {time.process_time() - planned:.1f} s of the processor, {peak} MB"
    print(f"{len(recipients):,} rows: {spent}; {len(plan.held):,} are held for a look, {told:,} others are told")


def joined_by_state(path: Path, agreements: Path, date: str, folder: Path) -> list[str]:
    """Return how many agencies with agreements a national list surely has, and how many in each state."""
    listed = folder / "recipients.csv"
    listed.write_bytes(all_accepted(path).content)
    joined = join_agreements(agreements, listed, folder, date)
    rows = history.parse_list(listed.read_bytes())[1]
    by_state = Counter(rows[match.identifier]["state"] for match in joined.matched)
    share = len(joined.matched) / max(1, len(joined.matched) + len(joined.questions) + len(joined.unmatched))
    total = f"{len(joined.matched):,} found, {len(joined.questions):,} asked, {len(joined.unmatched):,} not in the list"
    return [f"{date}: {total} ({share:.0%} found)", ", ".join(f"{state} {n}" for state, n in sorted(by_state.items()))]


def as_table(results: Sequence[Trial]) -> str:
    """Return the trials as a table in Markdown."""
    lines = ["| Tried | times | right |", "| --- | --- | --- |"]
    lines += [f"| {each.name} | {each.tried:,} | {each.right:,} ({each.share:.1%}) |" for each in results]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials, and write them to a page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lists", description=__doc__)
    parser.add_argument("list", type=Path, nargs="?", help="a national list")
    parser.add_argument(
        "--join", type=Path, action="append", default=[], help="a list of 287(g) agreements, DATE in its name"
    )
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks" / "lists.md")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="letters-lists-") as name:
        folder = Path(name)
        if asked.alone:
            import_and_check(asked.list, folder)
            return 0
        results = trials(folder)
        parts = ["# Lists, tried\n", __doc__ or "", as_table(results)]
        if asked.list:
            # In a process of its own, whose memory is that of one import and one check.
            command = [sys.executable, "-m", "benchmarks.lists", str(asked.list), "--alone"]
            parts.append(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
            for path in asked.join:
                date = re.search(r"20\d\d-\d\d-\d\d", path.stem)
                assert date, f"{path.name} has no date in its name"
                parts.append("\n\n".join(joined_by_state(asked.list, path, date[0], folder)) + "\n")
    asked.out.write_text("\n".join(parts), "utf-8")
    for each in results:
        print(f"{each.share:7.1%} {each.tried:6,} {each.name}")
        for wrong in each.wrong[:3]:
            print(f"         {wrong[:160]}")
    print("\n".join(parts[3:]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
