"""Keep the nearest face in the middle of the picture: python examples/pan_tilt.py [SOURCE]

Replace `turn` with what moves your two servos. With a recording the angles run to their limits.
"""

import sys

import fer_edge

HFOV = 62.0  # degrees that the camera sees from left to right; here a Camera Module 2.
GAIN = 0.2  # share of the way to the face for each reading; a smaller share is calmer.
NEAR = 2.0  # degrees from the middle at which the servos do not move.
PAN, TILT = 90.0, 45.0  # degrees that the servos can turn to either side.


def within(angle: float, limit: float) -> float:
    return max(-limit, min(limit, angle))


def turn(pan: float, tilt: float) -> None:
    print(f"pan {pan:+.1f}, tilt {tilt:+.1f} degrees", flush=True)


pan = tilt = seen = 0.0
try:
    with fer_edge.Stream(sys.argv[1] if len(sys.argv) > 1 else None, hfov=HFOV) as stream:
        for reading in stream:
            person = reading.primary
            # A face that went is known for a while: only a new look at it says where to turn.
            if person is None or person.bearing is None or person.last_seen == seen:
                continue
            seen, (right, down) = person.last_seen, person.bearing
            if max(abs(right), abs(down)) > NEAR:
                pan, tilt = within(pan + GAIN * right, PAN), within(tilt - GAIN * down, TILT)
                turn(pan, tilt)
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
