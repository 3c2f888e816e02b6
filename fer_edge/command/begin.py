"""How the command ends while its libraries are still being loaded.

That takes two seconds on a small board. Ctrl-C would then end with the libraries' tracebacks. So
this comes first of all that `fer_edge` imports, and does something only in the command's process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType


def is_the_command() -> bool:
    """Whether this process was started as `fer-edge` or `python -m fer_edge`."""
    first = sys.argv[0] if sys.argv else ""
    # While the package is imported for `-m`, this stands where the file's name will be.
    return os.path.basename(first) == "fer-edge" or (
        first == "-m" and sys.orig_argv[1:3] == ["-m", "fer_edge"]
    )


def end_at_once(number: int, _: FrameType | None = None) -> None:
    """End the process with the code of a signal: 130 for Ctrl-C, 143 for SIGTERM."""
    os._exit(128 + number)


if is_the_command() and threading.current_thread() is threading.main_thread():
    for _number in (signal.SIGINT, signal.SIGTERM):
        # A shell's background jobs and nohup have it ignored: that stays.
        if signal.getsignal(_number) is not signal.SIG_IGN:
            signal.signal(_number, end_at_once)
