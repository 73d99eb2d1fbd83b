"""A made-up diary of several weeks, for screenshots and accessibility scans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from functions.shared.runtime.settings import Settings
from tests.browser.long_day import A_LONG_DAY
from tests.browser.samo import Samo

RECORDINGS = Settings().models_path / "recordings"
A_GOOD_DAY = """\
I woke up before the alarm and lay there listening to the rain. I was so nervous about the meeting, my \
hands were shaking. Then Maya said the nicest thing about my draft, in front of everyone! I really did not \
see that coming. I walked home through the park and felt so happy and light.

I miss Dad on days like this, he would have laughed. I am so grateful for today."""
DAYS = (
    "The landlord still has not fixed the heating and I am furious. Third email this week.",
    "I wonder whether I should move closer to the sea. What would it be like to hear it every night?",
    "Thank you, whoever left the umbrella by the door. That was so kind.",
    "I was terrified at the dentist. It turned out to be nothing, what a relief.",
    "I cried on the way home. I feel so lonely since Lena moved away.",
    "We laughed until our stomachs hurt. I love my sister so much.",
    "I shouted at my son this morning and I am ashamed of it. I will say sorry tonight.",
    "Long day of meetings. Groceries, laundry, bed.",
    "I passed the exam! I am so proud and so happy, I danced in the kitchen.",
    "My back hurts again and I am worried that it is something serious.",
    "The soup turned out well. Quiet evening with a book and the cat.",
    "Grandma does not remember my name any more. It breaks my heart.",
)
HARD_DAY = "Mum called in the middle of the meeting. The scan is clear! I sat in the stairwell and cried."
CORRECTIONS = {
    "emotions": ["relief", "love"],
    "feelings": ["happy"],
    "topics": ["family", "health"],
    "title": "The scan is clear",
    "mood": 0.8,
    "segments": [{"segment": 2, "emotions": ["relief"]}],
}
A_PLAIN_DAY = (
    "Bus at eight. Two meetings before lunch. Groceries on the way home. The bins go out on Thursday."
)
GERMAN = "Heute war ein wirklich schöner Tag, wir sind lange im Wald spazieren gegangen."


class Diary:
    """Fills a journal; holds the ids of some of its entries."""

    def __init__(self, samo: Samo) -> None:
        evening = (datetime.now(UTC) - timedelta(days=1)).replace(hour=20, minute=14, second=0, microsecond=0)
        for index in range(36):
            days, text = 1 + (index * 7) % 40, DAYS[index % len(DAYS)]
            at = evening - timedelta(days=days, minutes=13 * index % 300)
            samo.write(text, recorded_at=at.isoformat(), timezone="Europe/Berlin")
        self.foreign = samo.write(GERMAN, recorded_at=(evening - timedelta(hours=9)).isoformat())
        self.written = samo.write(A_GOOD_DAY, recorded_at=(evening - timedelta(hours=5)).isoformat())
        self.long = samo.write(A_LONG_DAY, recorded_at=(evening - timedelta(days=3)).isoformat())
        self.plain = samo.write(A_PLAIN_DAY, recorded_at=(evening - timedelta(days=4)).isoformat())
        self.spoken = record(samo, "two_cities.wav", evening)
        self.corrected = samo.write(HARD_DAY, recorded_at=(evening - timedelta(hours=7)).isoformat())
        finished = (self.foreign, self.written, self.long, self.plain, self.spoken, self.corrected)
        for entry_id in finished:
            samo.finished(entry_id)
        samo.client.patch(f"/v1/entries/{self.corrected}/corrections", json=CORRECTIONS).raise_for_status()
        for entry in samo.client.get("/v1/entries?limit=100").json()["entries"]:
            samo.finished(entry["id"])


def record(samo: Samo, name: str, at: datetime) -> str:
    return samo.record(Path(RECORDINGS / name), recorded_at=at.isoformat(), timezone="Europe/Berlin")
