"""Watch two cameras at once: python examples/two_cameras.py SOURCE SOURCE"""

import sys
import time

import fer_edge


def told(event: fer_edge.Event) -> None:
    line = f"{event.stream}: face {event.track_id} {event.kind} {event.after or ''}\n"
    print(line, end="", flush=True)  # In one piece: each stream has a thread that calls this.


if len(sys.argv) != 3:
    sys.exit("usage: python examples/two_cameras.py SOURCE SOURCE")
try:
    # Each has a recognizer of its own: two threads that share one wait for each other.
    with (
        fer_edge.Stream(sys.argv[1], name="front") as front,
        fer_edge.Stream(sys.argv[2], name="back") as back,
    ):
        for stream in (front, back):
            stream.on("appear", "change", "leave")(told)
        # Until both have ended, or one with an error, which `with` then raises.
        while not (front.error or back.error or (front.ended and back.ended)):
            time.sleep(0.1)
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
