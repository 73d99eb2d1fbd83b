"""The audio routes of OpenAI's API, over SAMO's transcription."""
