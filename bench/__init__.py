"""libhar beside its peers: ./script/bench."""
