"""Pub/Sub notifications of the emulated bucket."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

Resource = dict[str, Any]


class Notifier:
    """Publishes notifications in the background, retrying until Pub/Sub accepts them."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def finalized(self, config: Resource, resource: Resource, overwritten: Resource | None) -> None:
        attributes = {
            "notificationConfig": f"projects/_/{config['selfLink']}",
            "eventType": "OBJECT_FINALIZE",
            "payloadFormat": "JSON_API_V1",
            "bucketId": resource["bucket"],
            "objectId": resource["name"],
            "objectGeneration": resource["generation"],
            "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        if overwritten is not None:
            attributes["overwroteGeneration"] = overwritten["generation"]
        data = base64.b64encode(json.dumps(resource).encode()).decode()
        body = json.dumps({"messages": [{"data": data, "attributes": attributes}]}).encode()
        self._queue.put((config["topic"].removeprefix("//pubsub.googleapis.com/"), body))

    def _run(self) -> None:
        while True:
            topic, body = self._queue.get()
            url = f"http://{os.environ['PUBSUB_EMULATOR_HOST']}/v1/{topic}:publish"
            try:
                headers = {"Content-Type": "application/json"}
                urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10).close()
            except urllib.error.HTTPError as error:
                print(f"notification rejected: {error.code} {topic}", file=sys.stderr)
            except OSError:
                self._queue.put((topic, body))
                time.sleep(0.2)
