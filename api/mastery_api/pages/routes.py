"""The router of all pages."""

from fastapi import APIRouter

from mastery_api.pages import dataset, documentation, home, levels, recognition, skills, stack, validation, visions

router = APIRouter(include_in_schema=False)
for page in (home, levels, validation, stack, recognition, skills, visions, dataset, documentation):
    router.include_router(page.router)
