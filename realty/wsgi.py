"""The WSGI application, which granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from realty.garbage import collect_rarely
from voice.understanding import prepare

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realty.settings")
application = get_wsgi_application()
prepare()  # loads the gazetteer now, so that no caller's first words wait for it
collect_rarely()
