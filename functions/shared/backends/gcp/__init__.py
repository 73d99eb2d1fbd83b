"""The ports on Google Cloud: Firestore, Cloud Storage and Pub/Sub.

No module here imports a Google client before the port that needs it is used: a synchronous request
needs none of them, and each costs a cold start about 200 ms.
"""
