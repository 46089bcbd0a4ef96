"""What questionnaires are: items, keys, thresholds, and how sure each figure about them is.

One data file an instrument in ``data/``; adding an instrument is adding one file. No wording of
any questionnaire is kept here. How answers become scores is the business of ``rapport.scoring``.
"""

from rapport.instruments.catalogue import instrument_of, load_catalogue
from rapport.instruments.figures import CutOff, Figure, Norm, Reliability, Status
from rapport.instruments.instrument import Instrument

__all__ = [
    "CutOff",
    "Figure",
    "Instrument",
    "Norm",
    "Reliability",
    "Status",
    "instrument_of",
    "load_catalogue",
]
