"""Says where the files of a mailing go, and refuses to post what is a draft."""

from __future__ import annotations

from pathlib import Path

from letters.model.problems import CannotGoOn, Exit


def mail_folder(out: Path, *, draft: bool) -> Path:
    """Return where the files of a mailing go, in the output folder of its letter."""
    return out / "mail" / "draft" if draft else out / "mail"


def refuse_draft(status: str, *, draft: bool) -> None:
    """Raise CannotGoOn where letters with the DRAFT mark would be posted."""
    if status == "draft" and not draft:
        hint = (
            'set status = "final" in campaign.toml and run letters build; or make a trial: letters mail prepare --draft'
        )
        raise CannotGoOn(Exit.PROBLEMS, "the letters still carry the DRAFT mark", hint)
