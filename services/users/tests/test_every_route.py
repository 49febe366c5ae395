"""No route of users keeps another from answering."""

from contextlib import closing
from pathlib import Path

from services.common.auth import keyfile
from services.common.tests.saturation import unanswered
from services.users.app import UsersSettings, build


def test_while_one_route_is_held_up_every_other_answers(sqlite_url: str, tmp_path: Path) -> None:
    key = tmp_path / "signing.pem"
    keyfile.make(key)
    settings = UsersSettings(database_url=sqlite_url, port=0, jwt_private_key_file=key)
    with closing(build(settings)) as app:
        assert not unanswered(app)
