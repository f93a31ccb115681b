"""A believable organisation to look at, made of chance and a moment: the same of both gives the same rows.

It holds a year of history, and history cannot be made through the verbs: they write what happens now, one row at a
time. So the rows are made here as the verbs would have left them, and written in bulk. Whatever the verbs promise
holds for them too; `tests/call_planning/test_demo.py` looks.
"""
