"""Read the emotions in a picture: python examples/photo.py PICTURE…"""

import sys

import fer_edge

recognizer = fer_edge.Recognizer(detection_side=960)
try:
    for path in sys.argv[1:] or ["sample"]:
        with fer_edge.open_camera(path) as camera:
            frame = next(iter(camera))
        faces = recognizer(frame).faces
        print(f"{path}: {len(faces)} face(s)")
        for face in faces:
            likeliest = sorted(face.emotion.probabilities.items(), key=lambda item: -item[1])
            print("  " + ", ".join(f"{label} {value:.0%}" for label, value in likeliest[:3]))
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
