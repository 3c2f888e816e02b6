"""Read a Raspberry Pi camera and tell how old each frame is when its emotion is known.

python examples/pi_camera.py [SOURCE]; without a source, the Pi camera.
"""

import sys
import time

import fer_edge

recognizer = fer_edge.Recognizer()
try:
    with fer_edge.open_camera(sys.argv[1] if len(sys.argv) > 1 else "picamera") as camera:
        print(f"reading {camera.name}; Ctrl-C ends it")
        for frame in camera:
            reading = recognizer(frame)
            age = 1000 * (time.monotonic() - frame.timestamp)
            emotions = ", ".join(face.emotion.label for face in reading.faces) or "no face"
            print(f"frame {frame.index}: {emotions}, {age:.0f} ms after the exposure began")
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
