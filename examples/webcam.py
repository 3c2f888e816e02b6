"""Print what faces before a USB camera, or in a video, express: python examples/webcam.py [0]"""

import sys

import fer_edge

try:
    recognizer = fer_edge.Recognizer()
    with fer_edge.open_camera(sys.argv[1] if len(sys.argv) > 1 else 0) as camera:
        print(f"reading {camera.name}; Ctrl-C ends it")
        for frame in camera:
            for face in recognizer(frame).faces:
                emotion = face.emotion
                print(f"{frame.timestamp:10.2f} s  {emotion.label} {emotion.probability:.0%}")
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
