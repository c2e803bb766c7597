"""The campaign of random problems: what is drawn, how it is judged, how the rows are told."""
