"""Imports WeasyPrint without what it seldom needs, and with its C declarations compiled once for all.

WeasyPrint declares the functions of Pango in C, which cffi parses at each start, and it imports all of fontTools, which
it needs for unusual fonts only. Both together are a third of its import.
"""

from __future__ import annotations

import ast
import hashlib
import io
import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from letters.cache import program_hash
from letters.render.standing_in import standing_in

_SELDOM = ("fontTools.subset", "fontTools.varLib.instancer")
_NAME = "letters_pango"


@contextmanager
def lean_import(cache: Path) -> Iterator[None]:
    """Make the import of WeasyPrint cheaper; the declarations are kept in a folder of this user alone."""
    import cffi  # type: ignore[import-untyped]

    later = {name: _Later(name) for name in _SELDOM if name not in sys.modules}
    sys.modules.update(later)
    try:
        with standing_in(lambda: _Declarations(cache), "FFI", cffi):
            yield
    finally:
        for name in later:
            del sys.modules[name]


class _Later(ModuleType):
    """A module whose functions and classes are imported when they are first called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *arguments, **named: getattr(import_module(self.__name__), name)(*arguments, **named)


class _Declarations:
    """Takes the declarations that are made in C, and from the first other use on is what cffi compiles of them."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._declared = ""

    def cdef(self, text: str) -> None:
        """Take declarations."""
        self._declared += text

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        import _cffi_backend  # type: ignore[import-untyped]

        compiled = _cffi_backend.FFI(_NAME, **self._compiled())
        self.__dict__.update({each: getattr(compiled, each) for each in dir(compiled) if each[0] != "_"})
        return getattr(compiled, name)

    def _compiled(self) -> dict[str, Any]:
        """Find the compiled declarations, or compile them."""
        import cffi

        programs = f"{program_hash()} {cffi.__version__} {sys.version} {self._declared}"
        path = self._cache / f"{hashlib.sha256(programs.encode()).hexdigest()[:32]}.declarations"
        compiled: dict[str, Any] | None = _read(path)
        if compiled is None:
            compiled = _compile(self._declared)
            _write(path, compiled)
        return compiled


def _compile(declared: str) -> dict[str, Any]:
    """Compile declarations to the values that cffi writes into a Python module ("out-of-line, ABI level")."""
    from cffi.api import FFI  # type: ignore[import-untyped]
    from cffi.recompiler import Recompiler  # type: ignore[import-untyped]

    source = io.StringIO()
    ffi = FFI()
    ffi.cdef(declared)
    ffi.set_source(_NAME, None)
    recompiler = Recompiler(ffi, _NAME, target_is_python=True)
    recompiler.collect_type_table()
    recompiler.collect_step_tables()
    recompiler.write_source_to_f(source, None)
    call: Any = ast.parse(source.getvalue()).body[-1]
    return {each.arg: ast.literal_eval(each.value) for each in call.value.keywords}


def _read(path: Path) -> Any:
    """Read plain values from a file; None where there is nothing, or no whole file."""
    content = path.read_bytes() if path.is_file() else b""
    whole = hashlib.sha256(content[32:]).digest() == content[:32]
    return marshal.loads(content[32:]) if whole else None  # noqa: S302 - numbers, texts and bytes; never code


def _write(path: Path, value: Any) -> None:
    """Write plain values to a file, whole or not at all; a disk that cannot take it is no mistake."""
    content = marshal.dumps(value)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(hashlib.sha256(content).digest() + content)
        temporary.replace(path)
