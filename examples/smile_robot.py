"""A robot that waves when somebody has been smiling at it for half a second.

python examples/smile_robot.py [SOURCE]; without a source, the camera of this machine. Replace
`wave` with what your robot does.
"""

import sys

import fer_edge

HOLD = 0.5  # seconds that a smile must last, so that one misread frame moves nothing
SURE = 0.6  # probability from which it counts


def wave(moment: float) -> None:
    print(f"{moment:.2f} s: somebody smiles, waving")


try:
    recognizer = fer_edge.Recognizer()
    with fer_edge.open_camera(sys.argv[1] if len(sys.argv) > 1 else None) as camera:
        smiling_since, waved = None, False
        for frame in camera:
            emotions = [face.emotion for face in recognizer(frame).faces]
            if not any(e.label == "happy" and e.probability >= SURE for e in emotions):
                smiling_since, waved = None, False
                continue
            smiling_since = frame.timestamp if smiling_since is None else smiling_since
            if not waved and frame.timestamp - smiling_since >= HOLD:
                wave(frame.timestamp)
                waved = True
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
