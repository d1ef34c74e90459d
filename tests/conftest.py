"""The fixtures that all tests share."""

from __future__ import annotations

import fcntl
import functools
import gc
import json
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from letters.campaign.load import load
from letters.formats import pandoc
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.desk import NEAR, ROOT, Desk, copied, set_up
from tests.examples import make_many
from tests.sample import DOZEN, ENCLOSURE, SHORT, SIX, Built, loaded

# How long an example takes says something about the machine, and nothing about the program. Whether the suite passes
# says something about the program, and nothing about chance: examples are new with "make test-all".
_PATIENT = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("any machine", derandomize=True, **_PATIENT)
hypothesis.settings.register_profile("new examples", **_PATIENT)
hypothesis.settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that has tests run in another order, which must make no difference."""
    parser.addoption("--shuffle", type=int, metavar="SEED", help="run modules, and the tests of each, in random order")


def pytest_configure(config: pytest.Config) -> None:
    """Let tests try many examples where the slow tests run, too, and programs that they start hear Ctrl-C."""
    if "not slow" not in config.getoption("markexpr"):
        make_many()
    # A shell has what it starts in the background ignore Ctrl-C, and a program that is started inherits that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle the tests where that is asked for; those of a module stay together, since they share what it builds."""
    seed = config.getoption("--shuffle")
    if seed is None:
        return
    chance = random.Random(seed)  # noqa: S311 - an order, no secret
    modules: dict[Path, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path, []).append(item)
    groups = list(modules.values())
    chance.shuffle(groups)
    for group in groups:
        chance.shuffle(group)
    items[:] = [item for group in groups for item in group]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Search for no garbage while tests are collected: they are all kept, and searches took a fifth of that time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Leave what was collected out of Python's searches for garbage, and make the searches rarer.

    A process that holds four thousand tests has so many objects that they took an eighth of the time of the suite.
    Box trees and style sheets are thousands of objects that live on: a look at each 700 new ones took a twelfth.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def kept_pandoc() -> Iterator[None]:
    """Read Markdown in one process of pandoc, as the desk does: hundreds of tests read a letter or a paragraph.

    What was read before is not read again: many of those letters are the same.
    """
    with pandoc.kept_running():
        assert pandoc._kept
        pandoc._kept.read = functools.lru_cache(1024)(pandoc._kept.read)  # type: ignore[method-assign]
        yield


@pytest.fixture(scope="session", autouse=True)
def remembered_documents() -> Iterator[None]:
    """Have pandoc write and read each DOCX once in a process: four of ten that tests have it write come again.

    Whoever asks gets blocks of its own, which it may change.
    """
    write, read = pandoc.write_docx, pandoc.read_docx

    @functools.lru_cache(256)
    def written(blocks: str, reference: bytes) -> bytes:
        return write(json.loads(blocks), reference)

    @functools.lru_cache(256)
    def was_read(content: bytes, changes: str) -> str:
        return json.dumps(read(content, changes))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pandoc, "write_docx", lambda blocks, reference: written(json.dumps(blocks), reference))
        patch.setattr(pandoc, "read_docx", lambda content, changes="accept": json.loads(was_read(content, changes)))
        yield


@pytest.fixture(scope="session", autouse=True)
def fonts_near(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Copy the fonts to the disk of the temporary folders once, where each campaign gives them a second name."""
    folder = tmp_path_factory.mktemp("fonts")
    for font in (ROOT / "templates/fonts").glob("*.ttf"):
        copied(str(font), str(folder / font.name))
    NEAR.append(folder)


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path) -> MakeDesk:
    """Make the folder of a campaign: a short letter, two recipients, our own looks."""
    return functools.partial(set_up, folder=tmp_path)


@pytest.fixture(scope="session")
def dozen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Built:
    """Build the sample letter for six recipients, once for all processes that share the tests.

    Where slow tests ask for them, for all of the dozen.
    """
    slow = any(each.get_closest_marker("slow") and "dozen" in each.fixturenames for each in request.session.items)  # type: ignore[attr-defined]
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    out, finished = folder / "dozen", folder / "dozen.finished"
    with (folder / "dozen.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            only = [argument for identifier in (DOZEN if slow else SIX) for argument in ("--only", identifier)]
            done = Desk(ROOT).run("build", "--out", str(out), "--jobs", "1", *only, code=None)
            assert done.returncode in (0, 1), done.stderr
            finished.touch()
    return Built(out / "guidance-letter")


@pytest.fixture(scope="session")
def generated() -> bytes:
    """Return the DOCX of the sample letter to one recipient with an agreement."""
    project, _ = loaded("guidance-letter")
    letter = next(each for each in project.letters if each.recipient.id == "berrien-county-sheriff")
    return DocxRenderer(project.template.word).render(letter.context, letter.notes)


@pytest.fixture(scope="session")
def generated_short(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the DOCX of a short letter with an enclosure, contents, notes, a list and a table."""
    desk = set_up(folder=tmp_path_factory.mktemp("short") / "desk", letter=SHORT)
    desk.write("templates/enclosures/more.md", ENCLOSURE)
    project, problems = load(desk.folder / "campaign.toml")
    assert project, problems
    letter = project.letters[0]
    return DocxRenderer(project.template.word).render(letter.context, letter.notes)
