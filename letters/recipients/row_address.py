"""Puts the address of a row into its columns: whole addresses and last lines split, states, ZIP codes, PO boxes."""

from __future__ import annotations

import re

from letters.read import zips
from letters.read.people import split_title, words_of
from letters.read.zips import fold, state_code
from letters.recipients.addresses import (
    LastLine,
    Whole,
    box_and_street,
    is_box,
    split_last_line,
    split_one_line,
    split_unit,
    with_zero,
)
from letters.recipients.agencies import cased
from letters.recipients.headings import BOX, FULL_NAME, HOUSE, LAST_LINE, LINE3, LOOKS, ONE_LINE, PLUS4
from letters.recipients.history import CASE, Accepts, ListRow, Sureness
from letters.recipients.names import ATTENTION

TAKE_BOX = "a PO box and a street: mail goes to the box, the street is kept in the column street"
AGENCY_BEFORE = "what stands before the street is taken for the agency"
SPLIT = "a whole address is split, by the cities of its ZIP code or state"
KEPT_BEFORE = "what stands before the street is kept in a column of its own, and not printed"
CITY_OF_ZIP = "the city is missing: the post office’s own name for the ZIP code is taken"
ZIP_OF_CITY = "the ZIP code is missing: the only one of the city is taken"
ONCE = "what the row says in another column is left out of its street"
LINES = "the line where mail is delivered is the street, the others stand above it"
_DELIVERY = re.compile(r"\d|[NSEW]\d|(?:One|Two|Three)\s|P\.?\s*O\b|Post Office|(?:Box|Drawer)\s", re.IGNORECASE)
"""How a line begins where mail is delivered: a house number, a number of a grid, a box."""


def settle_address(row: ListRow, only_state: str, accepts: Accepts) -> None:
    """Put the parts of an address into their columns: split, with state and ZIP code, and one line for the street."""
    # The number first, since an address is told by it; the last line before the lines that it may stand among.
    _house_number(row)
    _whole_address(row, accepts)
    _last_line(row, accepts)
    _lines(row, accepts)
    _state_and_zip(row, only_state, accepts)
    _streets(row, accepts)


def _house_number(row: ListRow) -> None:
    number, street = row.cells.pop(HOUSE, ""), row.cells.get("address1", "")
    if number and street and not street.startswith(f"{number} "):
        row.put("address1", f"{number} {street}", street, "the house number is put before the street")
    elif number and not street:
        row.put("address1", number, "", "the house number stands without a street")


def _whole_address(row: ListRow, accepts: Accepts) -> None:
    text = row.cells.pop(ONE_LINE, "")
    if not text:
        _whole_in_the_street(row, accepts)
        return
    whole = split_one_line(text)
    if whole is None and _has_no_street(text):
        row.cells[LAST_LINE] = text
        return
    if whole is None:
        row.cells["address1"] = text
        row.doubts.append(("address1", f'"{text}" could not be split into street, city, state and ZIP code'))
        return
    if _contradicts(row, whole.last):
        row.cells["address1"] = text
        return
    _put_whole(row, whole, text, accepts)
    if not whole.last.sure:
        row.doubts.append(("city", whole.last.why))


def _put_whole(row: ListRow, whole: Whole, text: str, accepts: Accepts) -> None:
    for column, value in (
        ("address1", whole.street),
        ("address2", whole.unit),
        ("city", whole.last.city),
        ("state", whole.last.state),
        ("zip", whole.last.zip),
    ):
        if value:
            row.put(column, value, text, SPLIT)
    if whole.before and not row.cells.get("agency") and accepts(AGENCY_BEFORE):
        row.put("agency", whole.before, text, AGENCY_BEFORE, Sureness.LIKELY)
    elif whole.before and fold(whole.before) not in fold(row.cells.get("agency", "")):
        row.put("before_the_street", whole.before, text, KEPT_BEFORE)


def _whole_in_the_street(row: ListRow, accepts: Accepts) -> None:
    """Split an address that stands whole in the cell of the street, where the row says nothing else of its place."""
    text = row.cells.get("address1", "")
    # A street alone has no comma: most rows of a long list are told by that.
    whole = split_one_line(text) if text and ("," in text or not row.cells.get("city")) else None
    if whole is None:
        if not any(row.cells.get(name) for name in ("city", "state", "zip")) and _has_no_street(text):
            row.cells[LAST_LINE] = row.cells.pop("address1")
        return
    if _contradicts(row, whole.last):
        return
    if whole.last.sure or any(row.cells.get(column) for column in ("city", "state", "zip")):
        _put_whole(row, whole, text, accepts)


def _contradicts(row: ListRow, last: LastLine) -> bool:
    """Return whether a last line says another place than the columns of its row, and hold the row where it does."""
    given = {"city": row.cells.get("city", ""), "state": state_code(row.cells.get("state", ""))}
    given["zip"] = row.cells.get("zip", "")[:5]
    found = {"city": last.city, "state": last.state, "zip": last.zip[:5]}
    differ = [name for name in given if given[name] and found[name] and fold(given[name]) != fold(found[name])]
    # A spreadsheet took the zero from one of them only.
    if differ == ["zip"] and with_zero(given["zip"], last.state) == found["zip"]:
        return False
    code = found["zip"] or given["zip"]
    if differ == ["city"] and all(zips.is_city_of(code, city) for city in (given["city"], found["city"])):
        return False  # the post office has two names for it
    if differ:
        what = f'the address says {found[differ[0]]}, the column {differ[0]} "{row.cells[differ[0]]}"'
        row.doubts.append((differ[0], what))
    return bool(differ)


def _has_no_street(text: str) -> bool:
    """Return whether an address is nothing but a city that is known, with its state."""
    last = split_last_line(text)
    return last is not None and last.sure


def _last_line(row: ListRow, accepts: Accepts) -> None:
    text = row.cells.pop(LAST_LINE, "")
    if not text:
        return
    last = split_last_line(text)
    if not (last and last.sure) and not row.cells.get("address1") and (whole := split_one_line(text)):
        _put_whole(row, whole, text, accepts)
        if not whole.last.sure:
            row.doubts.append(("city", whole.last.why))
        return
    if last is None:
        row.cells.setdefault("city", text)
        row.doubts.append(("city", f'"{text}" could not be split into city, state and ZIP code'))
        return
    if _contradicts(row, last):
        return
    rule = "city, state and ZIP code are split"
    for column, value in (("city", last.city), ("state", last.state), ("zip", last.zip)):
        if value and not row.cells.get(column):
            row.put(column, value, text, rule)
    if not last.sure and last.zip:
        row.doubts.append(("zip", last.why))


def _state_and_zip(row: ListRow, only: str, accepts: Accepts) -> None:
    city, state = row.cells.get("city", ""), state_code(row.cells.get("state", ""))
    # New Washington is a city of Ohio, and none of the state of Washington.
    is_city = not city or bool(zips.zips_of_city(city, state or only))
    last = None if is_city else split_last_line(city)
    if last and (last.zip or last.sure or last.state == state) and not (state and row.cells.get("zip")):
        row.cells["city"] = ""
        row.cells[LAST_LINE] = city
        _last_line(row, accepts)
    state = row.cells.get("state", "")
    if state and (code := zips.state_code(state)):
        row.put("state", code, state, "states are written as postal codes")
    elif not state and only:
        row.put("state", only, "", f"all ZIP codes of the list are in {only}")
    zip_code = _with_last_four(row)
    if zip_code.endswith("-0000"):
        row.put("zip", zip_code[:5], zip_code, "no address has 0000 behind its ZIP code")
        zip_code = zip_code[:5]
    if zip_code and (meant := with_zero(zip_code, row.cells.get("state", ""))) != zip_code:
        row.put("zip", meant, zip_code, "a ZIP code has its leading zero back")
    _from_zip(row, accepts)
    city = row.cells.get("city", "")
    if (city.isupper() or city.islower()) and len(city) > 2:
        row.put("city", cased(city, row.cells.get("state", "")), city, CASE)


def _with_last_four(row: ListRow) -> str:
    """Return the ZIP code with its last four digits, where they have a column of their own."""
    zip_code, four = row.cells.get("zip", ""), row.cells.pop(PLUS4, "")
    if re.fullmatch(r"\d{3,5}", zip_code) and re.fullmatch(r"\d{1,4}", four) and int(four):
        row.put("zip", f"{zip_code}-{four.zfill(4)}", zip_code, "the last four digits are put behind the ZIP code")
    return row.cells.get("zip", "")


def _from_zip(row: ListRow, accepts: Accepts) -> None:
    """Fill in a city or a state that is missing, by the ZIP code; or a ZIP code, where the city has but one."""
    city = row.cells.get("city", "")
    if city and not row.cells.get("zip"):
        there = zips.zips_of_city(city, row.cells.get("state", ""))
        places = zips.of_zip(there[0]) if len(there) == 1 else None
        if places and zips.fold(city) in map(zips.fold, places.cities) and accepts(ZIP_OF_CITY):
            row.put("zip", there[0], "", ZIP_OF_CITY, Sureness.LIKELY)
        return
    if not (known := zips.of_zip(row.cells.get("zip", ""))):
        return
    if not row.cells.get("state"):
        row.put("state", known.state, "", "the state is that of the ZIP code")
    if not row.cells.get("city") and known.state == row.cells["state"] and accepts(CITY_OF_ZIP):
        row.put("city", known.cities[0], "", CITY_OF_ZIP, Sureness.LIKELY)


def _lines(row: ListRow, accepts: Accepts) -> None:
    """Put the lines of an address into two: where mail is delivered, and what stands above it.

    Lines that repeat the agency, the person or the last line are left out.
    """
    third = row.cells.pop(LINE3, "")
    given = [row.cells.get("address1", ""), row.cells.get("address2", ""), third]
    if not any(given[1:]):
        return
    lines = [line for line in given if line and not _stands_elsewhere(row, line, accepts)]
    deliveries = [line for line in lines if _DELIVERY.match(line) and LOOKS["address1"](line)]
    # Mail goes to the line right above the city (USPS Publication 28): with a box and a street only one is right.
    boxes = [line for line in deliveries if is_box(line)]
    if boxes and len(deliveries) > 1 and accepts(TAKE_BOX):
        street = ", ".join(line for line in deliveries if line != boxes[0])
        row.put("address1", boxes[0], street, TAKE_BOX, Sureness.LIKELY)
        row.cells["street"] = street
        lines = [line for line in lines if line not in deliveries or line == boxes[0]]
        deliveries = boxes
    delivery = next(iter(deliveries), lines[0] if lines else "")
    above = ", ".join(line for line in lines if line != delivery)
    if [delivery, above] != given[:2] or third:
        row.put("address1", delivery, row.cells.get("address1", ""), LINES)
        row.put("address2", above, given[1], LINES if above else ONCE)


def _stands_elsewhere(row: ListRow, line: str, accepts: Accepts) -> bool:
    """Return whether a line of an address repeats other cells of its row; a person that it alone names is taken."""
    agency = row.cells.get("agency", "")
    if agency and fold(line) == fold(agency):
        return True
    last = split_last_line(line)
    if last is not None and last.zip and not _DELIVERY.match(line):
        row.cells[LAST_LINE] = line
        _last_line(row, accepts)
        return True
    if not (found := ATTENTION.match(line)):
        return False
    _, name = split_title(line[found.end() :])
    said = " ".join(row.cells.get(column, "") for column in (FULL_NAME, "first_name", "last_name")).strip()
    if not said and LOOKS["full_name"](line):
        row.put(FULL_NAME, line[found.end() :], "", "the person whom the address names is taken")
        return True
    return bool(said) and bool(name) and set(words_of(name)) <= set(words_of(said))


def _box_of_its_own(row: ListRow, accepts: Accepts) -> None:
    """Take a PO box from its own column as the address, with a street beside it only where somebody says so."""
    box, street = row.cells.pop(BOX, ""), row.cells.get("address1", "")
    if not box:
        return
    number = re.sub(r"^(?:P\.?\s*O\.?\s*|Post Office\s*)?(?:Box|Drawer)?\s*#?\s*", "", box, flags=re.IGNORECASE)
    written = f"PO Box {number}" if number and "drawer" not in box.casefold() else box
    if not street or box_and_street(f"{street}, {written}") is None:
        row.put("address1", written, street or box, "the PO box is the address")
    elif accepts(TAKE_BOX):
        row.put("address1", written, street, TAKE_BOX, Sureness.LIKELY)
        row.cells["street"] = street
    else:
        row.cells["po_box_as_given"] = box


def _streets(row: ListRow, accepts: Accepts) -> None:
    _box_of_its_own(row, accepts)
    street = row.cells.get("address1", "")
    if street and (both := box_and_street(street)) and accepts(TAKE_BOX):
        row.put("address1", both[0], street, TAKE_BOX, Sureness.LIKELY)
        row.cells["street"] = both[1]
        street = both[0]
    elif street and not row.cells.get("address2"):
        alone, unit = split_unit(street)
        if unit:
            row.put("address1", alone, street, "suite, room or floor goes to address2")
            row.put("address2", unit, "", "suite, room or floor goes to address2")
            street = alone
    for column in ("address1", "address2"):
        line = row.cells.get(column, "")
        if (line.isupper() or line.islower()) and re.search(r"[A-Za-z]{3}", line):
            row.put(column, cased(line, row.cells.get("state", "")), line, CASE)
    second = row.cells.get("address2", "")
    if second and second.casefold() == row.cells.get("address1", "").casefold():
        row.put("address2", "", second, "the street stood twice")
