"""Read a Raspberry Pi camera and tell how old each frame is when its emotion is known.

python examples/pi_camera.py [SOURCE]; without a source, the Pi camera.
"""

import sys

import fer_edge

try:
    recognizer = fer_edge.Recognizer()
    with fer_edge.open_camera(sys.argv[1] if len(sys.argv) > 1 else "picamera") as camera:
        print(f"reading {camera.name}; Ctrl-C ends it")
        for frame in camera:
            reading = recognizer(frame)
            emotions = ", ".join(face.emotion.label for face in reading.faces) or "no face"
            # A recording has no age: its times count from its beginning.
            age = "" if frame.age is None else f", {1000 * frame.age:.0f} ms old"
            print(f"frame {frame.index}: {emotions}{age}")
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
