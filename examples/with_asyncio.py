"""React to faces in an asyncio program: python examples/with_asyncio.py [SOURCE]"""

import asyncio
import sys

import fer_edge


async def blink() -> None:
    while True:
        print("the program's other work goes on", flush=True)
        await asyncio.sleep(0.5)


async def main() -> None:
    async with fer_edge.Stream(sys.argv[1] if len(sys.argv) > 1 else None) as stream:
        other = asyncio.create_task(blink())
        async for event in stream.events("appear", "change", "leave"):
            print(f"face {event.track_id}: {event.kind} {event.after or ''}", flush=True)
        other.cancel()


try:
    asyncio.run(main())
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
