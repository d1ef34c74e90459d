"""Shows the status of each letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from letters.build.build import Options
from letters.campaign.ledger import Ledger
from letters.campaign.load import Project
from letters.cli.screen import count_reasons, new_table, new_wide_console
from letters.mail.register import Register
from letters.model.problems import Problem
from letters.review.status import DRAFT_CAMPAIGN, current_copies, standing


def status_rows(project: Project, problems: Sequence[Problem], options: Options) -> list[dict[str, Any]]:
    """Return the status of each letter, as plain data."""
    with Ledger(options.out / "ledger.sqlite") as ledger:
        found = standing(project, problems, ledger, options.out)
        copies = current_copies(project, ledger, options.out)
    with Register(options.out / "ledger.sqlite", options.out) as register:
        posted = register.standing()
    return [
        {
            "id": recipient.id,
            "agency": recipient["agency"],
            "pdf": found[recipient.id].pdf,
            "docx": found[recipient.id].docx,
            "copies": len(copies.get(recipient.id, ())),
            "approved": list(found[recipient.id].approved_by),
            "voided": list(found[recipient.id].voided),
            "final": found[recipient.id].final,
            "reason": found[recipient.id].waits_for,
            "mail": posted[recipient.id].words if recipient.id in posted else "",
        }
        for recipient in project.recipients
    ]


def print_status(rows: Sequence[dict[str, Any]]) -> None:
    """Print the status of each letter as a table, and a closing line that counts the states."""
    table = new_table("id", "PDF", "DOCX", "approved by", "final", "why not")
    if any(row["copies"] for row in rows):
        table.add_column("copies", justify="right")
    for row in rows:
        why = "; ".join([*(f"void: {each}" for each in row["voided"]), *_own_reason(row)])
        final = row["mail"] or ("final" if row["final"] else "")
        cells = (row["id"], row["pdf"], row["docx"], ", ".join(row["approved"]), final, why, str(row["copies"]))
        table.add_row(*map(Text, cells[: len(table.columns)]))
    console = new_wide_console()
    console.print(table)
    counted = count_reasons(row["pdf"] for row in rows)
    finals = sum(row["final"] for row in rows)
    general = f" ({DRAFT_CAMPAIGN})" if any(row["reason"] == DRAFT_CAMPAIGN for row in rows) else ""
    mailed = "".join(
        f"; {number:,} {what}" for what, number in count_reasons(row["mail"].partition(" ")[0] for row in rows) if what
    )
    states = ", ".join(f"{number:,} {state}" for state, number in counted)
    console.print(f"{states}; {finals:,} final{general}{mailed}")


def _own_reason(row: dict[str, Any]) -> list[str]:
    # That the campaign is a draft holds for every letter, and is said once in the closing line.
    return [row["reason"]] if row["reason"] not in ("", DRAFT_CAMPAIGN) else []
