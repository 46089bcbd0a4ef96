"""What may be published: small numbers hidden, and nothing left that gives them back."""

from rapport.disclosure.history import Former, told
from rapport.disclosure.profiles import Profile, profile_of, profiles
from rapport.disclosure.publication import publish
from rapport.statistics.aggregates import Aggregates

__all__ = ["Aggregates", "Former", "Profile", "profile_of", "profiles", "publish", "told"]
