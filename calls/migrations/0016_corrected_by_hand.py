from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0015_live_turns'),
    ]

    operations = [
        migrations.AlterField(
            model_name='valuereview',
            name='reason',
            field=models.CharField(choices=[('disagrees', 'Heard live and heard in the recording differ'), ('not_live', 'Heard only in the recording'), ('not_again', 'Not found in the recording'), ('low_confidence', 'Hard to hear'), ('rules_and_model', 'Rules and language model read it differently'), ('staff_call', 'Heard in a call of ours'), ('by_hand', "Corrected on the lead's page")], max_length=16),
        ),
    ]
