"""Raw projections to transaxial series: options, maps, picture, record, files."""
