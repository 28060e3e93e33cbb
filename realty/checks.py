"""System checks of the whole project."""
