"""Tell who comes, what they express, and who goes: python examples/webcam.py [0]

Without a source, /dev/video0; a video works, too.
"""

import sys

import fer_edge

try:
    with fer_edge.Stream(sys.argv[1] if len(sys.argv) > 1 else 0) as stream:
        print(f"reading {stream.source}; Ctrl-C ends it")
        for event in stream.events():
            if event.kind == "change":
                print(f"face {event.track_id} is {event.after}, was {event.before}", flush=True)
            elif event.track_id is not None:
                print(f"face {event.track_id}: {event.kind}", flush=True)
            else:
                print(f"{event.kind}: {event.reason}", flush=True)
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
