"""Read a Raspberry Pi camera and tell how old each reading is when it is here.

python examples/pi_camera.py [SOURCE]; without a source, the Pi camera.
"""

import sys

import fer_edge

try:
    with fer_edge.Stream(sys.argv[1] if len(sys.argv) > 1 else "picamera") as stream:
        print(f"reading {stream.source}; Ctrl-C ends it")
        for reading in stream:
            labels = ", ".join(face.steady for face in reading.faces) or "no face"
            # A recording has no age: its times count from its beginning.
            age = "" if reading.age is None else f", {1000 * reading.age:.0f} ms old"
            left_out = f", {reading.dropped} left out" if reading.dropped else ""
            print(f"frame {reading.frame_index}: {labels}{age}{left_out}")
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
