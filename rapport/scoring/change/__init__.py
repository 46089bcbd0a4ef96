"""Change between two scores of the same people: reliable, clinically significant, and how large.

``samples`` pairs and counts; ``reference`` holds what must be known of instrument and group;
``indices`` are the published reliable-change indices; ``cutoffs`` separate clinical from
functional, ``true_scores`` does so by Hageman and Arrindell; ``categories`` put change and
cut-off together; ``criteria`` and ``criterion`` say by what change is judged; ``relevance`` asks
for minimal importance and percentage; ``effects`` are group effect sizes; ``growth`` uses three or
more waves.

Everywhere: ``improvement_sign`` is +1 where a rise is better and −1 where a fall is, and results
called improvement are positive when better.
"""

from rapport.scoring.change.categories import CATEGORIES, Sides, categories, sides_of
from rapport.scoring.change.cutoffs import clinical_cut_off
from rapport.scoring.change.effects import EffectSizes, effect_sizes
from rapport.scoring.change.group_level import GroupChange, group_change
from rapport.scoring.change.growth import GrowthChange, growth_change
from rapport.scoring.change.indices import METHODS, Method, change_index
from rapport.scoring.change.reference import Reference
from rapport.scoring.change.relevance import important_change, percentage_change
from rapport.scoring.change.samples import PairedSample, paired

__all__ = [
    "CATEGORIES",
    "METHODS",
    "EffectSizes",
    "GroupChange",
    "GrowthChange",
    "Method",
    "PairedSample",
    "Reference",
    "Sides",
    "categories",
    "change_index",
    "clinical_cut_off",
    "effect_sizes",
    "group_change",
    "growth_change",
    "important_change",
    "paired",
    "percentage_change",
    "sides_of",
]
