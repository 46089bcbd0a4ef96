"""The monthly PDF: facts are assembled, worded, drawn and set; nothing is computed here anew.

One direction: frames of published figures → :mod:`~rapport.rendering.assemble` → frozen facts →
:mod:`~rapport.rendering.pdf` → bytes. What a template prints was decided before it is opened, and
what is drawn was published before it is drawn: a suppressed figure reaches this room without its
numbers, and a frame that still carries them is refused.
"""
