"""Problems from ``.npz`` archives: four arrays X1, X2, Y1, Y2, each entry its dyadic value."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from ..errors import FormatError
from ..exact import MAX_DIMENSION, clip
from ..files import read_bytes
from .problem import MATRICES, Problem, readable

#: Most bytes of one array: complex long doubles and a header.
_MAX_ARRAY_BYTES = 32 * MAX_DIMENSION**2 + 65536


def load_npz(path: Path) -> Problem:
    """The problem of an archive of exactly the arrays X1, X2, Y1, Y2."""
    import numpy as np

    data: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(read_bytes(path))) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
            names = [member.filename.removesuffix(".npy") for member in members]
            if names != list(MATRICES):
                raise FormatError(
                    f"{path} holds {clip(', '.join(names)) or 'nothing'}",
                    "an .npz problem holds exactly the arrays X1, X2, Y1, Y2",
                )
            for label, member in zip(MATRICES, members, strict=True):
                if member.file_size > _MAX_ARRAY_BYTES:
                    raise FormatError(
                        f"{path}: {label} has {member.file_size} bytes",
                        f"the limit is d = {MAX_DIMENSION}",
                    )
                stream = io.BytesIO(archive.read(member))
                data[label] = np.lib.format.read_array(stream, allow_pickle=False)
    except FormatError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds for a damaged archive
        raise FormatError(f"cannot read {path}: {error}", "is it whole, and of numbers?") from None
    if bad := [label for label in MATRICES if data[label].dtype.kind not in "iufc"]:
        raise FormatError(
            f"{path}: {bad[0]} has no numeric type but {data[bad[0]].dtype}",
            "store integers, floats or complex numbers",
        )
    return Problem(**data, name=readable(path.stem), source=f"read from {readable(path.name)}")
