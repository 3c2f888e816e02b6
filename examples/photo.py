"""Read the emotions in a picture: python examples/photo.py PICTURE…"""

import sys

import fer_edge

if len(sys.argv) < 2:
    sys.exit("usage: python examples/photo.py PICTURE…")
try:
    recognizer = fer_edge.Recognizer(detection_side=960)
    for path in sys.argv[1:]:
        faces = recognizer(fer_edge.read_picture(path)).faces
        print(f"{path}: {len(faces)} face(s)")
        for face in faces:
            likeliest = sorted(face.emotion.probabilities.items(), key=lambda item: -item[1])
            print("  " + ", ".join(f"{label} {value:.0%}" for label, value in likeliest[:3]))
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    sys.exit(130)
