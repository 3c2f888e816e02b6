"""Where labelled faces come from. One file for each form that a dataset is distributed in."""

from train.data.sources.detect import read_source
from train.data.sources.votes import Votes, read_votes

__all__ = ["Votes", "read_source", "read_votes"]
