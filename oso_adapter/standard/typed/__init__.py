"""Types for the dict form, a package per release that the adapter ships."""
