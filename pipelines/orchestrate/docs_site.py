"""An Airflow plugin: the API server shows the Data Docs pages to whoever is logged in to Airflow."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

from pipelines.settings import settings

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/rongtong/docs"


def docs_app(root: Path) -> "FastAPI":
    """A small web application that shows the files below `root`, and nothing else, to logged-in users."""
    # Only the API server makes the application; the other Airflow processes load the plugin too.
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import FileResponse

    app = FastAPI(title="Data Docs", dependencies=[Depends(get_user)], openapi_url=None)

    @app.get("/{page:path}")
    def show(page: str) -> FileResponse:
        path = (root / page).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            raise HTTPException(404, f"There is no page '{page}'. Pages go when their time is over.")
        return FileResponse(path, headers={"Cache-Control": "no-cache"})

    return app


class _Apps:
    """The plugin's applications, made when they are asked for."""

    def __get__(self, plugin: object, owner: type) -> list[dict[str, Any]]:
        return [{"app": docs_app(settings().data_docs), "url_prefix": PREFIX, "name": "Data Docs"}]


class RongtongPlugin(AirflowPlugin):
    """Registers the Data Docs pages with the API server."""

    name = "rongtong"
    fastapi_apps: Any = _Apps()
