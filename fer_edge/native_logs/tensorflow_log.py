"""Keeps TensorFlow's own log lines out of our output."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

TENSORFLOW_NEWS = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR"
    rb"|[IWE]\d{4} [\d:.]+ +\d+ [\w.]+:\d+\].*"
    rb"|To enable the following instructions: .*"
    rb"|fully_quantize: \d+, inference_type: .*"
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] .*"
    rb"|WARNING:tensorflow:\d+ out of the last .* triggered tf\.function retracing.*"
)
"""Whole lines that it writes about itself; no environment variable stops them all."""
STDERR = 2


@contextmanager
def stderr_without(lines: re.Pattern[bytes]) -> Iterator[None]:
    """Keep lines that match as a whole from the process's stderr; the others follow at the end."""
    sys.stderr.flush()
    try:
        before = os.dup(STDERR)
    except OSError:  # the process runs without a stderr
        yield
        return
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), STDERR)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(before, STDERR)
            os.close(before)
            kept.seek(0)
            for line in kept:
                if not lines.fullmatch(line.rstrip(b"\r\n")):
                    os.write(STDERR, line)
