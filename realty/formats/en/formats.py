"""Times as staff read them everywhere: 22 Nov 2026, 23:01."""

DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
