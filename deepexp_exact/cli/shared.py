"""Where the files are that come with the package and are no part of it: the shipped studies, the
standalone checkers and the sample certificates."""

from __future__ import annotations

from pathlib import Path

from ..errors import FormatError
from ..exact import one_of

#: Their folders in the tree of the source; installed, each stands in share/deepexp-exact.
_TREE = {
    "studies": "scripts/studies",
    "checker": "proofs/checker",
    "certificates": "proofs/certificates",
}


def shared_folders() -> dict[str, Path]:
    """The folder of each, in the tree that this package runs from or where it was installed.

    Raises :class:`FormatError` where they were not installed."""
    root = Path(__file__).resolve().parents[2]
    found = {name: root / place for name, place in _TREE.items()}
    if (root / "pyproject.toml").is_file() and all(map(Path.is_dir, found.values())):
        return found
    from importlib.metadata import PackageNotFoundError, files

    try:
        listed = files("deepexp-exact") or []
    except PackageNotFoundError:
        listed = []
    for file in listed:
        folder = Path(str(file.locate())).parent.resolve()
        if folder.parts[-3:-1] == ("share", "deepexp-exact") and folder.is_dir():
            found[folder.name] = folder
    if missing := [name for name, folder in found.items() if not folder.is_dir()]:
        raise FormatError(
            f"not installed: {', '.join(missing)}", "install with pip, or use the source's tree"
        )
    return found


def folder_lines(name: str | None) -> list[str]:
    """``show --files``: a line for each folder, or the named one's path alone."""
    folders = shared_folders()
    if name is not None:
        return [str(folders[one_of(name, "--files", folders)])]
    width = max(map(len, folders))
    return [f"{key.ljust(width)}  {folder}" for key, folder in folders.items()]
