"""The experiment of Zhu et al. (arXiv 2208.03752): its images, protocol, training and results."""
