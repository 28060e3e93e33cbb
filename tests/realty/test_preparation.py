"""What stands in the way of a start is one sentence with its cure."""

import pytest

from realty.preparation import NotReadyError, require_disk, require_port


def test_a_folder_is_tried_and_nothing_stays_behind(tmp_path):
    require_disk(tmp_path, least_mb=0)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(NotReadyError) as caught:
        require_disk(tmp_path / "file", least_mb=0)
    assert str(caught.value) == (
        f"Nothing can be kept in {tmp_path / 'file'} (Not a directory). "
        "Make it a folder that you may write in, or set VAR_DIR to one."
    )


def test_a_disk_that_is_nearly_full_is_one_sentence(tmp_path):
    with pytest.raises(NotReadyError) as caught:
        require_disk(tmp_path, least_mb=10**12)
    assert str(caught.value).startswith("Only ")
    assert str(caught.value).endswith(
        f" MB are free on the disk of {tmp_path}. "
        "Free at least 1000000000000 MB there, or set VAR_DIR to a folder on a larger disk."
    )


@pytest.mark.parametrize("port", [-1, 0, 65_536, 99_999])
def test_a_port_that_is_none_is_one_sentence(port):
    with pytest.raises(NotReadyError) as caught:
        require_port("127.0.0.1", port)
    assert str(caught.value) == f"{port} is no port: those go from 1 to 65535. Run `manage.py up --port 8000`."
