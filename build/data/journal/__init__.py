"""Journal entries labelled by reading them: what each sentence and each entry as a whole expresses.

`README.md` is the data card and `GUIDE.md` what the readers followed.
"""
