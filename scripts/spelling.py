"""How the list of recipients spells streets, towns and ids."""

import re

Row = dict[str, str]

# Directionals are one or two capitals (USPS Publication 28, 233).
QUADRANTS = {"Northeast": "NE", "North East": "NE", "Northwest": "NW", "Southeast": "SE", "Southwest": "SW"}
ORDINALS = {"First": "1st", "Second": "2nd", "Third": "3rd", "Fourth": "4th", "Fifth": "5th", "Sixth": "6th"}
# Upstream turned capitals to title case by rule, which these three towns do not follow.
TOWNS = {"Lanse": "L'Anse", "Dewitt": "DeWitt", "Sault Sainte Marie": "Sault Ste. Marie"}


def saints(text: str) -> str:
    """Write "St." for "Saint", also where a source left the full stop out."""
    return re.sub(r"\b(Saint|St) ", "St. ", text)


def town(text: str) -> str:
    """Write a town's name in the list's one style."""
    return TOWNS.get(text, saints(text))


def street(text: str) -> str:
    """Write a delivery line in the list's one style."""
    line = re.sub(r"\bUnited States Highway (\d+)", r"US-\1", saints(text)).replace("State Highway M-", "M-")
    for word, short in QUADRANTS.items():
        line = re.sub(rf" {word}$", f" {short}", line)
    for word, figure in ORDINALS.items():
        line = re.sub(rf"\b{word} (?=Street|Avenue)", f"{figure} ", line)
    # A middle initial takes a full stop ("Harry L. Bush"), a street called "D" does not.
    return re.sub(r"(?<=[a-z] )([A-Z]) (?=[A-Z])(?!Street|Avenue)", r"\1. ", line)


def slug(text: str) -> str:
    """Make an id from a name: lower case, ASCII, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "")).strip("-")


def typeset(row: Row) -> Row:
    """Set apostrophes as a typographer does, because letters print the list as it stands."""
    return {column: cell.replace("'", "\u2019") for column, cell in row.items()}
