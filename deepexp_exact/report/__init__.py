"""Reports: tables, figures, HTML and the terminal."""
