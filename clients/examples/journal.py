"""Create an entry in SAMO, follow its progress, read its insight, find it again, delete it."""

import os

from samo_client import Samo

address = os.environ.get("SAMO_URL", "http://127.0.0.1:8080")
with Samo(address, token=os.environ.get("SAMO_TOKEN")) as samo:
    new = samo.entries.create("I was afraid of the exam, but I passed! Thank you all so much.")
    for entry in samo.entries.follow(new.id):
        print(entry.status, [f"{stage.stage}: {stage.state}" for stage in entry.stages])

    if entry.support and not entry.support.dismissed:
        print(entry.support.text, [line.name for line in entry.support.lines])
    else:
        print("emotions:", [score.emotion for score in entry.insight.emotions])
    if entry.insight.summary:
        print("summary:", entry.insight.summary.text)

    for hit in samo.search("passing an exam").results:
        print(f"found ({hit.score:.2f}):", hit.passage)

    samo.entries.delete(entry.id)
    print("deleted")
