"""Push style: a program that has a loop and a camera of its own hands its pictures over.

python examples/own_loop.py [SOURCE]; `on_image` is what ROS or a camera's driver would call.
"""

import sys

import fer_edge


class Robot:
    """Your robot; it needs no thread for this."""

    def __init__(self) -> None:
        self.live = fer_edge.Tracker(lost_after=1.0)

    def on_image(self, frame: fer_edge.Frame) -> None:
        # An array does as well: self.live(picture), grey or BGR; see Frame.of for other formats.
        reading, events = self.live(frame)
        self.react(events)
        if reading.primary is not None:
            print("look at", reading.primary.offset)  # -1..1 from the middle, right and down

    def react(self, events: tuple[fer_edge.Event, ...]) -> None:
        for event in events:
            print(f"face {event.track_id}: {event.kind} {event.after or ''}", flush=True)


try:
    robot = Robot()
    with fer_edge.open_camera(sys.argv[1] if len(sys.argv) > 1 else None) as camera:
        for frame in camera:
            robot.on_image(frame)
    robot.react(robot.live.end())
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
