"""Makes the pictures of the desk, and of the list on its map: `python scripts/make_desk_pictures.py`.

The desk is opened over a copy of the repository's campaign with some of its letters built, and looked at in Chromium.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from letters.build.beginning import open_campaign, options_at
from letters.build.build import build
from letters.desk.app import DeskServer, DeskSettings
from letters.desk.running import Progress
from letters.formats.programs import CHROMIUM
from letters.read.recipients import read_recipients
from letters.recipients.exporting import list_map

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
BUILT = ("alcona-county-sheriff", "adrian-police", "berrien-county-sheriff", "taylor-police", "gladwin-county-sheriff")
WIDTH, HEIGHT = 1280, 800
QUALITY = 82
LIST = (
    "Dept,Chief,Street,City,St,Zip Code\n"
    "TAYLOR POLICE DEPARTMENT,Chief John Blair,23515 Goddard Rd,Taylor,Michigan,48180\n"
    "Adrian Police Department,,100 East Church Street,Adrian,MI,49221\n"
)


def copied(folder: Path) -> Path:
    """Copy the repository's campaign, and build some of its letters."""
    for name in ("campaign.toml", "recipients.csv"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "templates", folder / "templates")
    project, problems = open_campaign(folder, "", makes=True)
    assert project is not None, "letters check tells what is wrong"
    now = f"{project.campaign.date.isoformat()}T12:00:00+00:00"
    build(project, problems, options_at(now, project, None, ("pdf", "docx"), BUILT), Progress("Making letters"))
    return folder


def shoot(page: Any, address: str) -> None:
    """Take a picture of each place."""

    def take(name: str, path: str, ready: Callable[[], None] = lambda: None) -> None:
        page.goto(address + path)
        ready()
        # Pictures of pages come after the page.
        page.wait_for_load_state("networkidle")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        picture.save(PICTURES / f"desk-{name}.webp", "WEBP", quality=QUALITY, method=6)

    take("campaign", "/")
    take("list", "/list")
    take("letter", "/letter?to=taylor-police", lambda: page.locator("#pages .sheet").wait_for())
    take("review", "/review/taylor-police?queue=todo")
    take("build", "/build")
    take("mail", "/mail")
    take("window", "/mail/window?window=double-10-tall")
    page.goto(f"{address}/import")
    page.locator("input[type=file]").set_input_files(
        {"name": "our-chiefs.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("heading", name="Columns").wait_for()
    take("import", page.url.removeprefix(address))


def shoot_map(page: Any, campaign: Path) -> None:
    """Take a picture of the list on its map, as `letters recipients map` writes it."""
    recipients, _, _ = read_recipients(campaign / "recipients.csv", "recipients.csv", ("sheriff", "police_chief"))
    path = campaign / "list-map.html"
    path.write_text(list_map(recipients, "recipients.csv"), "utf-8")
    page.set_viewport_size({"width": 1000, "height": 960})
    page.goto(path.as_uri())
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(PICTURES / "list-map.webp", "WEBP", quality=QUALITY, method=6)


def environment() -> dict[str, str]:
    """Return the environment for the browser, without the fonts that this process may use for letters alone."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")}


def main() -> None:
    """Make the pictures."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path, "Chromium is needed: make .venv/browser"
    with tempfile.TemporaryDirectory() as folder:
        campaign = Path(folder) / "spring"
        campaign.mkdir()
        server = DeskServer(DeskSettings(campaign=copied(campaign)))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            with sync_playwright() as playwright:
                # The sandbox of Chromium needs rights that containers do not give; nothing is opened but the desk.
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], env=environment())
                page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
                # The first page is laid out from nothing.
                page.set_default_timeout(120_000)
                page.goto(server.url)
                shoot(page, page.url.rstrip("/"))
                shoot_map(page, campaign)
                browser.close()
        finally:
            server.end()
            thread.join()


if __name__ == "__main__":
    main()
