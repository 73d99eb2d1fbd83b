"""The ports on Google Cloud: Firestore, Cloud Storage and Pub/Sub.

No module here imports a Google client before the port that needs it is used: synchronous requests need none,
and importing one adds about 200 ms to a cold start.
"""
