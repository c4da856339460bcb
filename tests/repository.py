"""The files of this repository as the rules about them see them."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def obey(broken: Iterable[str], advice: str) -> None:
    places = "\n  ".join(sorted(broken))
    assert not places, f"{advice}:\n  {places}"


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return tuple(path for name in listing if (path := ROOT / name).is_file())


def under(folder: str, suffix: str = ".py") -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == suffix and path.is_relative_to(ROOT / folder)
    ]


def at(path: Path, line: int | None = None) -> str:
    name = str(path.relative_to(ROOT))
    return name if line is None else f"{name}:{line}"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """String constants with their lines, docstrings apart."""
    docs = {
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and node not in docs:
            value = node.value
            if isinstance(value, str):
                yield node.lineno, value


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Names that a file gives to its classes, functions, parameters and variables."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
