"""What waits for Whisper is found by an index that SQLite uses, too: it infers no list of states from a parameter."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0017_retention")]

    operations = [
        migrations.RemoveIndex(model_name="recording", name="recording_to_hear"),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(fields=["transcription", "leased_until"], name="recording_to_hear"),
        ),
    ]
