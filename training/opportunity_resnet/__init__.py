"""The 1-D residual network of the OPPORTUNITY papers, on all sensors worn."""
