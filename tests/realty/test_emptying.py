"""What a test with transactions of its own leaves behind: nothing but what the migrations made."""

import pytest
from django.contrib.auth.models import Permission

from leads.models import Lead
from tests import emptying

pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_go_and_permissions_stay():
    before = Permission.objects.count()
    Lead.objects.create(name="Ravi Rao", phone="+919820012345")
    assert (emptying.empty(), Lead.objects.count(), Permission.objects.count()) == (True, 0, before)


def test_where_a_permission_was_deleted_all_is_made_again():
    Permission.objects.first().delete()
    assert emptying.empty() is False
