import functools
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from letters.formats.docx.opening import Refused, open_docx
from tests.formats.docx.hostile import HOSTILE, docx, relations

_MOST_SECONDS = 60
"""CPU time after which the system ends a process: far more than any of these files takes (2 s at most)."""
_TRY = """
import pathlib, re, sys
from letters.formats.docx.opening import Refused, open_docx
try:
    open_docx(sys.stdin.buffer.read())
except Refused as error:
    print(re.search(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[1], error.what)
"""


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_refused_with_a_sentence(name):
    make, words = HOSTILE[name]
    content = make()
    with pytest.raises(Refused) as refused:
        open_docx(content)
    assert words in refused.value.what


def test_a_plain_file_with_links_is_read():
    links = relations(("hyperlink", "https://www.aclumich.org/", "External"))
    assert "word/document.xml" in open_docx(docx(**{"word___rels__document.xml.rels": links}))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the high-water mark from Linux's /proc")
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_refusing_takes_less_than_300_megabytes_and_a_bounded_time(name):
    content = HOSTILE[name][0]()
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    command = [sys.executable, "-c", _TRY]
    done = subprocess.run(command, input=content, capture_output=True, check=True, preexec_fn=limit)
    kilobytes, _, sentence = done.stdout.decode().partition(" ")
    assert sentence
    assert int(kilobytes) < 300_000
